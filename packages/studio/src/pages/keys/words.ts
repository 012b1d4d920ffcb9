import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'Keys',
  },
  zh: {
    title: '密钥',
  },
})
