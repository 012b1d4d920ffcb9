import { type App, attempt } from './app.js'
import { $, element, onFiles } from './dom.js'
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
    const image = $<HTMLImageElement>('img', zone)
    onFiles($('input', zone), zone, ([photo]) => {
      photos[side] = photo
      image.src = URL.createObjectURL(photo!)
      image.alt = photo!.name
      image.hidden = false
      $('span', zone).hidden = true
      image.decode().then(
        () => URL.revokeObjectURL(image.src),
        () => {},
      )
      void attempt(compare)
    })
  })
  app.onOpen(compare)
}
