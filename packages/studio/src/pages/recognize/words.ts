import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'Recognise',
  },
  zh: {
    title: '识别',
  },
})
