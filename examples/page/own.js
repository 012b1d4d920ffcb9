import { FaceCamera, Recognizer } from '@arcface/browser'

const [video, status, list, stop] = document.querySelectorAll('video, p, pre, button')
const recognizer = await Recognizer.open({ models: 'models/' })

const camera = new FaceCamera(recognizer, { video, identify: true })
camera.addEventListener('frame', ({ detail: { faces, hint, because } }) => {
  status.textContent = because ? `${hint}: ${because.figure} ${because.value.toFixed(2)}` : hint
  const lines = faces.map(({ id, box, identity }) => {
    const name = identity ? (identity.matches[0]?.name ?? 'a stranger') : 'not looked for yet'
    return `${id}: ${name}, at ${Math.round(box.x)}, ${Math.round(box.y)}`
  })
  list.textContent = lines.join('\n')
})
camera.addEventListener('error', ({ detail: { code, message, hint } }) => {
  status.textContent = `${code}: ${message}. ${hint ?? ''}`
})
stop.onclick = () => camera.stop()
await camera.start().catch(() => {}) // told by the event
