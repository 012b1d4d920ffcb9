// What a page does with the people that it keeps; one behind a passphrase here.
import { Recognizer } from '@arcface/browser'

/** Who does not know the passphrase cannot read the gallery, even with all that the browser has stored. */
export async function openStaff(passphrase, models = 'models/') {
  localStorage.salt ??= crypto.randomUUID()
  const bytes = (text) => new TextEncoder().encode(text)
  const secret = await crypto.subtle.importKey('raw', bytes(passphrase), 'PBKDF2', false, [
    'deriveKey',
  ])
  const key = await crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt: bytes(localStorage.salt), iterations: 600_000 },
    secret,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
  return Recognizer.open({ models, gallery: { name: 'staff', key } })
}

export async function keepPeople(recognizer, ada, door) {
  const { gallery } = recognizer
  const person = { person: 'Ada', groups: ['staff'], metadata: { room: 7 } }
  const { id, added } = await recognizer.enroll(ada, person, { thumbnails: true })
  const faces = await recognizer.identify(door, { filter: { groups: ['staff'] }, fpir: 0.001 })
  const picture = await gallery.thumbnail(id) // JPEG, or null

  const people = await gallery.people({ limit: 20 }) // by name: { name, groups, metadata, added, faces }
  const more = await gallery.people({ limit: 20, after: people.at(-1)?.name })
  await gallery.rename('Ada', 'Ada Lovelace')
  gallery.addEventListener('change', () => {}) // it was written, by this tab or another

  const lasting = await gallery.persist() // true: the browser deletes nothing when space runs short
  const file = await gallery.export() // a Blob, to be kept as people.jsonl
  const read = await gallery.import(file) // faces added: none, they are there
  await gallery.delete(['Ada Lovelace'])
  return { added, faces, picture, more, lasting, read }
}
