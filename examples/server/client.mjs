// The same by the typed client: node client.mjs http://127.0.0.1:8000 ada.jpg door.jpg
import { openAsBlob } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { connect } from '@arcface/server/client'

const [url, ada, door] = process.argv.slice(2)
const client = connect({ url, key: process.env.ARCFACE_KEY })

await client.POST('/v1/galleries', { body: { name: 'friends' } })
const gallery = 'friends'
const enrolled = await client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
  params: { path: { gallery, person: 'Ada' }, query: { alike: 'true' } },
  body: { photo: [await openAsBlob(ada)] },
})
if (enrolled.error) throw new Error(`${enrolled.error.code}: ${enrolled.error.detail}`)
const { data, error } = await client.POST('/v1/galleries/{gallery}/identify', {
  params: { path: { gallery } },
  body: { photo: [await openAsBlob(door)] },
})
if (error) throw new Error(`${error.code}: ${error.detail}`)
for (const { matches, threshold, fpir } of data.photos[0].faces)
  console.log(matches[0]?.name ?? 'a stranger', threshold, fpir)

const person = { params: { path: { gallery, person: 'Ada' } } }
const verified = await client.POST('/v1/galleries/{gallery}/people/{person}/verify', {
  ...person,
  body: { photo: await openAsBlob(door) },
})
console.log('Ada?', verified.data.same, verified.data.far)

let { data: job } = await client.POST('/v1/galleries/{gallery}/jobs/duplicates', person)
while (['waiting', 'running'].includes(job.state)) {
  await setTimeout(100)
  job = (await client.GET('/v1/jobs/{job}', { params: { path: { job: job.id } } })).data
}
console.log('twice there:', job.result)
await client.DELETE('/v1/galleries/{gallery}/people/{person}', person)
