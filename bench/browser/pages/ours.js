import { Recognizer } from '@arcface/browser'
import { present } from './bench.js'

let recognizer

present({
  async open(options) {
    const models = await (await fetch('../models.json')).json()
    recognizer = await Recognizer.open({ models, ...options })
    globalThis.recognizer = recognizer
    return recognizer.runtime
  },
  embed: async (photo) => (await recognizer.embed(photo, { faces: 'largest' })).length > 0,
})
