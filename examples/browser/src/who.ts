import type { Gallery, IdentifiedFace, Recognizer } from '@arcface/browser'
import type { ArcfaceCamera } from '@arcface/browser/element'
import { type App, attempt } from './app.js'
import { showPhoto } from './boxes.js'
import { cameraButton } from './camera.js'
import { $, ask, copyOf, onFiles } from './dom.js'
import { count, identity } from './words.js'

/** Who is on a photograph, or before the camera. */
export function whoPage(app: App): void {
  const stop = cameraButton(app, $('#who-camera'), $('#who-picture'), follow)
  onFiles($('#who-file'), $('#who'), ([photo]) => {
    stop()
    void attempt(() => show(photo!))
  })

  let latest: File | undefined
  async function show(photo: File): Promise<void> {
    latest = photo
    const summary = $('#who-summary')
    $('#who-picture').replaceChildren()
    $('#who-faces').replaceChildren()
    summary.textContent = 'Looking …'
    try {
      const { recognizer } = await app.opened
      const faces = await recognizer.identify(photo, { thumbnails: true })
      if (latest !== photo) return
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

/** The people whom the camera sees, each from when it knows a face until that is gone. */
function follow(camera: ArcfaceCamera, { gallery }: Recognizer): void {
  const list = $('#who-faces')
  const items = new Map<number, HTMLElement>()
  list.replaceChildren()
  $('#who-summary').textContent = ''
  camera.options = { identify: true, thumbnails: true }
  camera.addEventListener('identified', ({ detail: { id, face, identity } }) => {
    const item = described(gallery, { ...face, ...identity })
    const before = items.get(id)
    if (before) before.replaceWith(item)
    else list.append(item)
    items.set(id, item)
  })
  camera.addEventListener('lost', ({ detail: { id } }) => {
    items.get(id)?.remove()
    items.delete(id)
  })
}

function described(gallery: Gallery, face: IdentifiedFace, number?: number): HTMLElement {
  const made = copyOf('face')
  const { title, text } = identity(face)
  $('span', made).textContent = String(number)
  $('span', made).hidden = number === undefined
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
