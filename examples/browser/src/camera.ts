import '@arcface/browser/element'
import type { Recognizer } from '@arcface/browser'
import type { ArcfaceCamera } from '@arcface/browser/element'
import { type App, attempt } from './app.js'

/**
 * A button that shows the camera in `place` and stops it. It is stopped too when another section is shown, another model is
 * opened, or `work` fails.
 * @returns what stops it
 */
export function cameraButton(
  app: App,
  button: HTMLElement,
  place: HTMLElement,
  work: (camera: ArcfaceCamera, recognizer: Recognizer) => unknown,
): () => void {
  let camera: ArcfaceCamera | undefined
  const stop = () => {
    camera?.remove()
    camera = undefined
    button.ariaPressed = 'false'
  }
  const start = async () => {
    const mine = document.createElement('arcface-camera')
    camera = mine
    button.ariaPressed = 'true'
    try {
      const { recognizer } = await app.opened
      if (mine !== camera) return
      mine.recognizer = recognizer
      place.replaceChildren(mine)
      await work(mine, recognizer)
    } catch (error) {
      // Who stopped it knows that it did not end well.
      if (mine !== camera) return
      stop()
      throw error
    }
  }
  button.addEventListener('click', () => (camera ? stop() : attempt(start)))
  addEventListener('hashchange', stop)
  app.onOpen(() => {
    if (camera?.isConnected) stop()
  })
  return stop
}
