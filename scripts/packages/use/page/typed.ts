import { BrowserError, type BrowserErrorCode, Recognizer } from '@arcface/browser'
import { webgpu } from '@arcface/browser/webgpu'

const recognizer: Recognizer = await Recognizer.open({ models: '/models/pack.json', webgpu })
const input = document.querySelector('input')!
try {
  const { same, similarity, threshold } = await recognizer.verify(input.files![0]!, new Image())
  console.log(same, similarity, threshold)
} catch (error) {
  if (!(error instanceof BrowserError)) throw error
  const code: BrowserErrorCode = error.code
  console.log(code, error.hint)
}
await recognizer.close()
