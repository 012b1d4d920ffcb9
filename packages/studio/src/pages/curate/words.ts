import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'Curation',
  },
  zh: {
    title: '数据整理',
  },
})
