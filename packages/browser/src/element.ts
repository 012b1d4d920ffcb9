import { ArcfaceCamera } from './element/element.js'

// Registers <arcface-camera>, once a page.

export { ArcfaceCamera } from './element/element.js'
export { type CameraTexts, ENGLISH } from './element/texts.js'

declare global {
  interface HTMLElementTagNameMap {
    'arcface-camera': ArcfaceCamera
  }
}

if (globalThis.customElements && !customElements.get('arcface-camera'))
  customElements.define('arcface-camera', ArcfaceCamera)
