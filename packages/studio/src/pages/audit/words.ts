import { defineWords } from '../../language/language.js'

export const words = defineWords({
  en: {
    title: 'Audit log',
  },
  zh: {
    title: '审计日志',
  },
})
