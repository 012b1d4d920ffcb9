import type { Gallery, IdentifiedFace } from '@arcface/browser'
import { type App, attempt } from './app.js'
import { showPhoto } from './boxes.js'
import { $, ask, copyOf, onFiles } from './dom.js'
import { count, identity } from './words.js'

/** Who is on a photograph. */
export function whoPage(app: App): void {
  onFiles($('#who-file'), $('#who'), ([photo]) => attempt(() => show(photo!)))

  async function show(photo: File): Promise<void> {
    const summary = $('#who-summary')
    $('#who-picture').replaceChildren()
    $('#who-faces').replaceChildren()
    summary.textContent = 'Looking …'
    try {
      const { recognizer } = await app.opened
      const faces = await recognizer.identify(photo, { thumbnails: true })
      faces.sort((a, b) => a.box.x - b.box.x)
      await showPhoto($('#who-picture'), photo, faces)
      summary.textContent =
        faces.length === 0 ? 'There is no face.' : `${count(faces.length, 'face')}.`
      const { gallery } = recognizer
      $('#who-faces').replaceChildren(...faces.map((face, i) => described(gallery, face, i + 1)))
    } catch (error) {
      summary.textContent = ''
      throw error
    }
  }
}

function described(gallery: Gallery, face: IdentifiedFace, number: number): HTMLElement {
  const made = copyOf('face')
  const { title, text } = identity(face)
  $('span', made).textContent = String(number)
  $('strong', made).textContent = title
  $('p', made).textContent = text
  const add = $<HTMLButtonElement>('button', made)
  add.hidden = face.matches.length > 0 || face.rejected.length > 0
  add.addEventListener('click', () => attempt(() => addFace(gallery, face, made)))
  return made
}

async function addFace(gallery: Gallery, face: IdentifiedFace, made: HTMLElement): Promise<void> {
  const person = await ask({ title: 'Who is it?', text: 'The name', yes: 'Add', value: '' })
  if (person === null) return
  const { embedding, thumbnail } = face
  await gallery.add([{ person, embedding, ...(thumbnail && { thumbnail }) }])
  $('strong', made).textContent = person
  $('p', made).textContent = 'Added.'
  $('button', made).hidden = true
}
