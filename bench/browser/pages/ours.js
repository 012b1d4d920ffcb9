import { Recognizer } from '@arcface/browser'
import { present } from './bench.js'

let recognizer

present({
  async open(options) {
    recognizer = await Recognizer.open({ models: '../models/', ...options })
    return recognizer.runtime
  },
  embed: async (photo) => (await recognizer.embed(photo, { faces: 'largest' })).length > 0,
})
