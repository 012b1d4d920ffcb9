import { expect, it } from 'vitest'
import { freshGalleries } from '../testing/fresh.js'
import { noisePhoto } from '../testing/server.js'
import { zipOf } from '../testing/zip.js'

const own = freshGalleries()

async function clustersOf(zip: Blob) {
  const url = `${own.server.url}/v1/galleries/${own.gallery}/jobs/clusters`
  const headers = { 'content-type': 'application/zip' }
  const started = await fetch(url, { method: 'POST', body: zip, headers })
  const { id } = (await started.json()) as { id: string }
  await (await fetch(`${own.server.url}/v1/jobs/${id}/events`)).text()
  const { data } = await own.client.GET('/v1/jobs/{job}', { params: { path: { job: id } } })
  return { id, result: data!.result as Result }
}
interface Result {
  clusters: string[][]
  strangers: { face: number; photo: string; box: object }[][]
}

it('are seen, named and then known', async () => {
  const photo = await noisePhoto(1)
  const zip = zipOf({ 'a.png': photo, 'b.png': await noisePhoto(2) })
  const { id, result } = await clustersOf(zip)
  expect(result.strangers.map((one) => one.map((face) => face.photo))).toEqual(result.clusters)
  const all = result.strangers.flat()
  expect(all.map(({ face }) => face)).toEqual(all.map((_, i) => i))
  const picture = await fetch(`${own.server.url}/v1/jobs/${id}/strangers/0/thumbnail`)
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  const path = { job: id }
  const ofA = all.filter((face) => face.photo.endsWith('a.png')).slice(0, 1)
  const body = { person: 'Ada', faces: ofA.map(({ face }) => face), groups: ['new'] }
  const named = await own.client.POST('/v1/jobs/{job}/enroll', { params: { path }, body })
  expect(named.data).toMatchObject({ person: 'Ada', faces: [{ added: true }] })
  const ada = { gallery: own.gallery, person: 'Ada' }
  const { data: faces } = await own.client.GET('/v1/galleries/{gallery}/people/{person}/faces', {
    params: { path: ada },
  })
  expect(faces!.faces).toMatchObject([{ source: ofA[0]!.photo, photo: expect.any(String) }])
  const portrait = await fetch(`${own.server.url}/v1/galleries/${own.gallery}/people/Ada/thumbnail`)
  expect(portrait.headers.get('content-type')).toBe('image/jpeg')
  const again = await clustersOf(zip)
  expect(again.result.strangers.flat().length).toBeLessThan(all.length)
})

it('are let go of with their job', async () => {
  const { id } = await clustersOf(zipOf({ 'a.png': await noisePhoto(3) }))
  const path = { job: id }
  await own.client.DELETE('/v1/jobs/{job}', { params: { path } })
  const picture = await fetch(`${own.server.url}/v1/jobs/${id}/strangers/0/thumbnail`)
  expect([picture.status, await picture.json()]).toMatchObject([404, { code: 'SERVER_JOB' }])
  const { error } = await own.client.POST('/v1/jobs/{job}/enroll', {
    params: { path },
    body: { person: 'Ada', faces: [0] },
  })
  expect(error?.code).toBe('SERVER_JOB')
})
