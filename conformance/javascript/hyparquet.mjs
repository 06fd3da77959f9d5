// hyparquet: Parquet in a browser, in place by ranges.
import { asyncBufferFromUrl, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { check, client, offer, rows, same, url } from './checking.mjs'

client('hyparquet')
const address = (dataset, table = dataset) => `${url}/datasets/${dataset}/releases/latest/${table}.parquet`
const exported = query => `${url}/api/explore/v2.1/catalog/datasets/${offer}/exports/parquet${query}`

await check('size by HEAD, then the footer by a range', async () => {
  const file = await asyncBufferFromUrl({ url: address(offer) })
  const meta = await parquetMetadataAsync(file)
  same(Number(meta.num_rows), rows(offer).length, 'rows')
  same(parquetSchema(meta).children.map(c => c.element.name), Object.keys(rows(offer)[0]), 'columns')
})

await check('one column and some rows, of which ranges are fetched, not the file', async () => {
  let fetched = 0
  const counting = async (...a) => {
    const answer = await fetch(...a)
    if (a[1]?.method === 'HEAD') return answer
    fetched += Number(answer.headers.get('content-length'))
    if (answer.status !== 206) throw new Error(`a range was answered ${answer.status}`)
    return answer
  }
  const file = await asyncBufferFromUrl({ url: address(offer), fetch: counting })
  const size = file.byteLength
  const got = await parquetReadObjects({ file, compressors, columns: ['nb_action'], rowStart: 100, rowEnd: 200 })
  same(got.map(r => r.nb_action), rows(offer).slice(100, 200).map(r => r.nb_action))
  if (fetched >= size) throw new Error(`${fetched} bytes of ${size} were fetched`)
})

await check('an export that has to be made, without decompressors: texts and numbers', async () => {
  const file = await (await fetch(exported('?select=siret,intitule_formation,nb_action&where=code_region%3D11'))).arrayBuffer()
  const got = await parquetReadObjects({ file })
  same(got, rows(offer).filter(r => r.code_region === '11').map(r => ({ siret: r.siret, intitule_formation: r.intitule_formation, nb_action: r.nb_action })))
})
