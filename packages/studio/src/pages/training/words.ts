import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'Training',
  },
  zh: {
    title: '训练',
  },
})
