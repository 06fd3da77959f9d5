// What the scripts share: the service, the rows of the release, and how a check is told.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

export const url = process.env.PARVIS_URL
export const offer = 'moncompteformation_catalogueformation'
export const engaged = 'moncompteformation_formations_engagees'
export const regions = engaged + '_region'

const tell = line => console.log(JSON.stringify(line))

/** Tells the version of the package under test. */
export function client(name) {
  const file = new URL(`./node_modules/${name}/package.json`, import.meta.url)
  tell({ version: JSON.parse(readFileSync(file)).version })
}

/** Runs a check; it fails by an exception. */
export async function check(name, test) {
  try {
    await test()
    tell({ check: name })
  } catch (e) {
    tell({ check: name, failed: String(e.stack ?? e).slice(0, 2000) })
  }
}

/** Fails unless two values are the same as JSON. */
export function same(got, want, what = 'value') {
  const [a, b] = [got, want].map(x => JSON.stringify(x, (_, v) => (typeof v === 'bigint' ? Number(v) : v)))
  if (a !== b) throw new Error(`${what}: got ${a?.slice(0, 600)}, want ${b?.slice(0, 600)}`)
}

/** The rows of a table of the release. */
export function rows(table) {
  const text = gunzipSync(readFileSync(`${process.env.PARVIS_TRUTH}/${table}.jsonl.gz`)).toString()
  return text.trimEnd().split('\n').map(line => JSON.parse(line))
}
