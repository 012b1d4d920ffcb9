import type { Gallery, ListedPerson } from '@arcface/browser'
import { type App, attempt, report } from './app.js'
import { cameraButton } from './camera.js'
import { $, ask, copyOf, element, onFiles, showPicture } from './dom.js'
import { count, trouble } from './words.js'

/** At a time: each has a picture. */
const PAGE = 60

/** Who is known: add, rename, delete, export, import. */
export function peoplePage(app: App): void {
  const form = $<HTMLFormElement>('#add')
  const name = $<HTMLInputElement>('#add-name')
  const gallery = async () => (await app.opened).recognizer.gallery
  let listed = Promise.resolve()
  app.onOpen(({ recognizer: { gallery } }) => {
    const list = () => {
      listed = listed.then(() => showPeople(gallery)).catch(report)
    }
    // By this tab or another.
    gallery.addEventListener('change', list)
    $('#destroy').onclick = () => attempt(() => gallery.destroy())
    list()
  })

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (form.reportValidity()) $('#add-files').click()
  })
  onFiles($('#add-files'), form, (photos) => {
    if (form.reportValidity()) void attempt(() => add(name.value, photos))
  })
  const stop = cameraButton(
    app,
    $('#add-camera'),
    $('#add-picture'),
    async (camera, recognizer) => {
      const said = $('#added')
      const person = name.value
      if (form.reportValidity()) {
        said.textContent = 'Look into the camera.'
        const { photo } = await camera.capture().finally(() => said.replaceChildren())
        await recognizer.enroll(photo, { person, source: 'camera' }, { thumbnails: true })
        await recognizer.gallery.persist()
        said.textContent = `${person} is added.`
      }
      stop()
    },
  )
  $('#export').addEventListener('click', () =>
    attempt(async () => save(await (await gallery()).export(), 'people.jsonl')),
  )
  onFiles($('#import'), $('#list'), ([file]) =>
    attempt(async () => (await gallery()).import(file!)),
  )

  async function add(person: string, photos: File[]): Promise<void> {
    $('#added').textContent = 'Waiting for the models …'
    const { recognizer } = await app.opened
    const failed: string[] = []
    for (const [i, photo] of photos.entries()) {
      $('#added').textContent = `Photograph ${i + 1} of ${photos.length} …`
      try {
        const face = { person, source: photo.name }
        const { added } = await recognizer.enroll(photo, face, { thumbnails: true })
        if (!added) failed.push(`${photo.name} was there already`)
      } catch (error) {
        failed.push(trouble(error).title)
      }
    }
    // Else a browser that needs space may delete what the site keeps.
    await recognizer.gallery.persist()
    const added = `${count(photos.length - failed.length, 'photograph')} added.`
    $('#added').replaceChildren(...[added, ...failed].map((text) => element('p', text)))
  }
}

async function showPeople(gallery: Gallery): Promise<void> {
  const place = $('#list')
  const counted = await gallery.count().catch((error) => {
    place.replaceChildren()
    $('#other-model').hidden = error.code !== 'BROWSER_GALLERY_MODEL'
    throw error
  })
  $('#other-model').hidden = true
  const { people, faces } = counted
  $<HTMLButtonElement>('#export').disabled = people === 0
  $('#people-summary').textContent =
    people === 0
      ? 'Nobody is known yet. Add somebody above: a name, and a photograph or the camera.'
      : `${count(people, 'person', 'people')}, ${count(faces, 'face')}.`
  const more = async (after?: string): Promise<void> => {
    const page = await gallery.people({ limit: PAGE, ...(after !== undefined && { after }) })
    const cards = await Promise.all(page.map((person) => card(gallery, person)))
    const hadFocus = place.contains(document.activeElement)
    if (after === undefined) place.replaceChildren(...cards)
    else place.append(...cards)
    // The button that had it is gone.
    if (hadFocus && after === undefined) $('#people-summary').focus()
    const button = $('#more')
    button.hidden = page.length < PAGE
    button.onclick = () => attempt(() => more(page.at(-1)!.name))
  }
  await more()
}

async function card(gallery: Gallery, { name, faces, added }: ListedPerson): Promise<HTMLElement> {
  const made = copyOf('person')
  $('strong', made).textContent = name
  $('span', made).textContent = `${count(faces, 'face')}, since ${added.toLocaleDateString()}`
  const [face] = await gallery.faces(name, { limit: 1 })
  const thumbnail = face && (await gallery.thumbnail(face.id))
  if (thumbnail) void showPicture($('img', made), new Blob([thumbnail as BlobPart]))
  const does = (button: string, work: () => Promise<unknown>) => {
    $(button, made).setAttribute('aria-label', `${$(button, made).textContent}: ${name}`)
    $(button, made).addEventListener('click', () => attempt(work))
  }
  does('.rename', async () => {
    const to = await ask({ title: 'Rename', text: name, yes: 'Rename', value: name })
    if (to === null || to === name) return
    await gallery.rename(name, to)
  })
  does('.delete', async () => {
    const text = `${name}, with ${count(faces, 'face')}. What is deleted cannot be brought back.`
    if ((await ask({ title: 'Delete?', text, yes: 'Delete' })) === null) return
    await gallery.delete([name])
  })
  return made
}

function save(file: Blob, name: string): void {
  const link = element('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // Some browsers begin to read it later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
