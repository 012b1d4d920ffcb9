import { defineWords } from '../language/language.js'

export const words = defineWords({
  en: {
    waiting: 'Waiting for room',
    running: 'Running',
    done: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
    lost: 'Lost: it ended while no server looked, and did not say how',
    cancel: 'Stop',
    command: 'The command, to run it again:',
    progress: (done: string, total: string, what: string) => `${done} of ${total} ${what}`,
    counted: (done: string, what: string) => `${done} ${what}`,
  },
  zh: {
    waiting: '排队中',
    running: '运行中',
    done: '已完成',
    failed: '失败',
    cancelled: '已取消',
    lost: '丢失：它在没有服务器监视时结束，且未说明结果',
    cancel: '停止',
    command: '再次运行的命令：',
    progress: (done: string, total: string, what: string) => `${done} / ${total} ${what}`,
    counted: (done: string, what: string) => `${done} ${what}`,
  },
})
