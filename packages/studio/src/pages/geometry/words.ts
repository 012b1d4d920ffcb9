import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'Geometry',
  },
  zh: {
    title: '几何',
  },
})
