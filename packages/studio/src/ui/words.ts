import { defineWords } from '../language/language.js'

export const words = defineWords({
  en: {
    cancel: 'Cancel',
    close: 'Close',
    copy: 'Copy',
    copied: 'Copied',
    loading: 'Loading …',
    noPicture: 'No picture',
    gone: 'The server does not answer.',
    unknown: 'Something went wrong in this page.',
    again: 'Try again',
    drop: 'Drop files here, or',
    choose: 'Choose files',
    more: 'More',
    sort: (column: string) => `Sort by ${column}`,
  },
  zh: {
    cancel: '取消',
    close: '关闭',
    copy: '复制',
    copied: '已复制',
    loading: '正在加载……',
    noPicture: '无图片',
    gone: '服务器没有响应。',
    unknown: '页面出现错误。',
    again: '重试',
    drop: '将文件拖到此处，或',
    choose: '选择文件',
    more: '更多',
    sort: (column: string) => `按${column}排序`,
  },
})
