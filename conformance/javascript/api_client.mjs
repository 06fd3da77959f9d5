// @opendatasoft/api-client: the portal's own client, with its builder of queries.
import { createRequire } from 'node:module'
import { check, client, engaged, offer, regions, rows, same, url } from './checking.mjs'

const { ApiClient, fromCatalog, field, string, date, all, one, not, list, lower } = createRequire(import.meta.url)('@opendatasoft/api-client')
client('@opendatasoft/api-client')
const api = new ApiClient({ domain: url })
const table = fromCatalog().dataset(offer)
const truth = rows(offer)
const count = test => truth.filter(test).length

await check('datasets of the catalogue', async () => {
  const got = await api.get(fromCatalog().datasets().where(`dataset_id = ${string(offer)}`).limit(100))
  same(got.results.map(d => [d.dataset_id, d.metas.default.records_count]), [[offer, truth.length]])
})

await check('one dataset: its fields', async () => {
  const got = await api.get(table.itself())
  same(got.fields.map(f => f.name), Object.keys(truth[0]))
})

await check('records: a condition, an order, a choice of fields', async () => {
  const got = await api.get(table.records().select('numero_formation, frais_ttc_tot_mean').where("code_region:'11'").orderBy('-frais_ttc_tot_mean').limit(20))
  const want = truth.filter(r => r.code_region === '11')
  same(got.total_count, want.length, 'total_count')
  same(got.results.map(r => r.frais_ttc_tot_mean), want.map(r => r.frais_ttc_tot_mean).sort((a, b) => b - a).slice(0, 20))
})

await check('records: pages neither repeat nor lose a row', async () => {
  const seen = []
  for (let offset = 0; offset < 500; offset += 100) {
    const got = await api.get(table.records().limit(100).offset(offset))
    seen.push(...got.results)
  }
  same(seen, truth.slice(0, 500))
})

await check('one record by its identifier', async () => {
  const page = await api.get(table.records().offset(7).limit(1).set('include_app_metas', 'true'))
  same(await api.get(table.record(page.results[0]._id)), truth[7])
})

await check('groups with aliases and aggregates', async () => {
  const got = await api.get(table.records().select('count(*) as n, avg(frais_ttc_tot_mean) as prix').groupBy('nom_region as region').orderBy('n desc').limit(30))
  const groups = new Map()
  for (const r of truth) groups.set(r.nom_region, [...(groups.get(r.nom_region) ?? []), r])
  same(got.total_count, groups.size, 'total_count')
  for (const g of got.results) {
    const members = groups.get(g.region)
    const prices = members.map(r => r.frais_ttc_tot_mean).filter(x => x !== null)
    same(g.n, members.length, g.region)
    const mean = prices.reduce((a, b) => a + b, 0) / prices.length
    if (Math.abs(g.prix - mean) > 1e-6) throw new Error(`${g.region}: got ${g.prix}, want ${mean}`)
  }
})

await check('lower() in group_by', async () => {
  const got = await api.get(table.records().select('count(*)').groupBy(lower('type_referentiel')))
  same(Object.fromEntries(got.results.map(g => [g['lower(type_referentiel)'], g['count(*)']])).rncp, count(r => r.type_referentiel === 'RNCP'))
})

await check('all, one, not, list and quoted fields', async () => {
  const where = all(one(`${field('code_region')} = ${string('11')}`, `${field('code_region')} = ${string('84')}`), not(`${field('type_referentiel')} is null`))
  const got = await api.get(table.records().where(where).select(list('siret', 'code_region')).limit(1))
  same(got.total_count, count(r => ['11', '84'].includes(r.code_region) && r.type_referentiel !== null))
})

await check('dates', async () => {
  const day = truth[0].date_extract.split('-').map(Number)
  const got = await api.get(table.records().where(`date_extract = ${date({ year: day[0], month: day[1], day: day[2] })}`).limit(1))
  same(got.total_count, truth.length)
  const year = Number(rows(regions)[0].date_validation.slice(0, 4))
  const months = await api.get(fromCatalog().dataset(regions).records().where(`date_validation >= ${date({ year: year + 1 })}`).limit(1))
  same(months.total_count, rows(regions).filter(r => r.date_validation >= String(year + 1)).length)
})

await check('texts with quotes and backslashes are data', async () => {
  for (const text of ['l\'été "bleu"', 'a\\b', 'é', '%', '_']) {
    const got = await api.get(table.records().where(`nom_of = ${string(text)}`).limit(1))
    same(got.total_count, count(r => r.nom_of === text), text)
  }
})

await check('facets, refined and excluded', async () => {
  const got = await api.get(table.facets().facet('nom_region').refine('type_referentiel:RNCP').exclude('nom_region:Bretagne'))
  const values = got.facets.find(f => f.name === 'nom_region').facets
  for (const v of values.filter(v => v.state === 'displayed')) {
    same(v.count, count(r => r.type_referentiel === 'RNCP' && r.nom_region === v.value), v.value)
  }
  if (values.length < 10) throw new Error(`${values.length} values`)
})

await check('export', async () => {
  const got = await api.get(table.export('json').where("code_region = '53'"))
  same(got, truth.filter(r => r.code_region === '53'))
})

await check('errors are told apart, and have a message', async () => {
  const errorOf = query => api.get(query).then(() => { throw new Error('no error') }, e => e)
  const unknown = await errorOf(fromCatalog().dataset('nothing_of_that_name').records())
  const wrong = await errorOf(table.records().where('no_such_field = 1'))
  same([unknown.response.status, wrong.response.status], [404, 400], 'status')
  if (unknown.constructor === wrong.constructor) throw new Error('they are of one class')
  if (!wrong.message.includes('no_such_field')) throw new Error(wrong.message)
})

await check('engagements: sums of a domain', async () => {
  const got = await api.get(fromCatalog().dataset(engaged).records().select('sum(nb_dossiers) as n').groupBy('code_region_lieu_formation as region').limit(100))
  const want = new Map()
  for (const r of rows(engaged)) want.set(r.code_region_lieu_formation, (want.get(r.code_region_lieu_formation) ?? 0) + r.nb_dossiers)
  for (const g of got.results) same(g.n, want.get(g.region), g.region)
})
