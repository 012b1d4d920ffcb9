import { type App, attempt } from './app.js'
import { $, element, onFiles, showPicture } from './dom.js'
import { comparison } from './words.js'

/** Whether two photographs show one person. */
export function comparePage(app: App): void {
  const photos: (File | undefined)[] = [undefined, undefined]
  const result = $('#compared')
  const compare = async () => {
    const [a, b] = photos
    result.replaceChildren()
    if (!a || !b) return
    result.textContent = 'Comparing …'
    const { recognizer } = await app.opened
    const found = await recognizer.verify(a, b).finally(() => result.replaceChildren())
    if (photos[0] !== a || photos[1] !== b) return
    const { title, text } = comparison(found)
    const kind = found.same === null ? '' : found.same ? 'yes' : 'no'
    result.replaceChildren(element('strong', title, kind), element('p', text))
  }
  document.querySelectorAll<HTMLElement>('#compare .drop').forEach((zone, side) => {
    onFiles($('input', zone), zone, ([photo]) => {
      photos[side] = photo
      void show(zone, photo!)
      void attempt(compare)
    })
  })
  app.onOpen(compare)
}

async function show(zone: HTMLElement, photo: File): Promise<void> {
  const image = $<HTMLImageElement>('img', zone)
  image.alt = photo.name
  const isShown = await showPicture(image, photo)
  image.hidden = !isShown
  $('span', zone).hidden = isShown
}
