import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'Evaluation',
  },
  zh: {
    title: '评估',
  },
})
