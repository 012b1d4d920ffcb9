import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'Tasks',
  },
  zh: {
    title: '任务',
  },
})
