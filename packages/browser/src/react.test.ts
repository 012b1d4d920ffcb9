import { chromium, openChromium } from '@arcface/testing/chromium'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'
import { FaceCameraView } from './react.js'
import { withCamera, withPermission } from './testing/camera.js'
import { MODELS, roomPage } from './testing/pages.js'

it('is rendered on a server as the element with its attributes', () => {
  const props = { models: 'models/', deviceId: 'a', identify: true, onFrame: () => {} }
  const text = renderToString(createElement(FaceCameraView, props))
  expect(text).toMatch(/^<arcface-camera/)
  for (const part of ['models="models/"', 'device-id="a"', 'identify']) expect(text).toContain(part)
})

const main = `
import { createElement, StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { FaceCameraView } from '@arcface/browser/react'

const told = { frames: 0, states: [] }
function Page({ recognizer }) {
  const [hint, setHint] = useState('')
  const onFrame = (frame) => {
    told.frames++
    setHint(frame.hint)
  }
  const onState = (state) => told.states.push(state)
  const camera = createElement(FaceCameraView, { recognizer, onFrame, onState, className: 'camera' })
  return createElement('div', null, createElement('output', null, hint), camera)
}
globalThis.show = (recognizer) => {
  const root = createRoot(document.body)
  root.render(createElement(StrictMode, null, createElement(Page, { recognizer })))
  return { told, root }
}`

it.skipIf(!chromium)(
  'shows a camera, tells a page of its frames and lets it go, in Chromium',
  async () => {
    const browser = await openChromium(withCamera())
    const context = await withPermission(browser)
    const { page, troubles } = await roomPage(context, { main })
    const found = await page.evaluate(`(async () => {
    const recognizer = await arcface.Recognizer.open({ models: ${JSON.stringify(MODELS)} })
    const { told, root } = show(recognizer)
    while (told.frames < 5) await new Promise((done) => setTimeout(done, 20))
    const element = document.querySelector('arcface-camera.camera')
    const [track] = element.shadowRoot.querySelector('video').srcObject.getTracks()
    const hint = document.querySelector('output').textContent
    root.unmount()
    return { hint, track: track.readyState, running: told.states.filter((state) => state === 'running').length }
  })()`)
    expect(found).toEqual({
      hint: expect.stringMatching(/^[a-z]+$/),
      track: 'ended',
      running: 1,
    })
    expect(troubles).toEqual([])
    await browser.close()
  },
  60_000,
)
