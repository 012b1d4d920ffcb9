import { defineWords } from '../language/language.js'

export const words = defineWords({
  en: {
    title: 'Sign in',
    told: 'This server asks for a key, as “arcface keys create” prints it.',
    key: 'Key',
    signIn: 'Sign in',
  },
  zh: {
    title: '登录',
    told: '此服务器需要密钥，即“arcface keys create”输出的内容。',
    key: '密钥',
    signIn: '登录',
  },
})
