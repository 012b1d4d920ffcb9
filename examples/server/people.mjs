// Enrols a person by a photograph, and asks who is in another: node people.mjs http://127.0.0.1:8000 ada.jpg door.jpg
import { openAsBlob } from 'node:fs'

const [url, ada, door] = process.argv.slice(2)
const headers = { 'x-api-key': process.env.ARCFACE_KEY ?? '' }

const post = async (path, body) => {
  const answer = await fetch(url + path, { method: 'POST', headers, body })
  const said = await answer.json()
  if (!answer.ok) throw new Error(`${said.code}: ${said.detail}`)
  return said
}
const photo = async (path) => {
  const form = new FormData()
  form.append('photo', await openAsBlob(path), path)
  return form
}
const made = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }
await fetch(`${url}/v1/galleries`, { ...made, body: JSON.stringify({ name: 'guests' }) })
await post('/v1/galleries/guests/people/Ada/faces', await photo(ada))
const { photos } = await post('/v1/galleries/guests/identify', await photo(door))
for (const { matches, threshold, fpir } of photos[0].faces)
  console.log(matches[0]?.name ?? 'a stranger', threshold, fpir)
