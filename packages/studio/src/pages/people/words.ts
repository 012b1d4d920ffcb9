import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'People',
  },
  zh: {
    title: '人员',
  },
})
