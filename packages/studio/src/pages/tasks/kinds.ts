import { defineWords } from '../../language/language.js'

/** What the kinds of tasks are called; of one that is not here its own name is shown. */
export const kindWords = defineWords({
  en: {
    train: 'Training',
    resume: 'Training, gone on with',
    ablate: 'Ablation',
    verification: 'Verification',
    scores: 'Scores of pairs',
    groups: 'Groups',
    suspects: 'Suspected labels',
    curate: 'List from decisions',
    toy: 'Toy of the geometry',
  },
  zh: {
    train: '训练',
    resume: '继续训练',
    ablate: '消融实验',
    verification: '人脸验证',
    scores: '配对得分',
    groups: '分组评估',
    suspects: '可疑标签',
    curate: '由决定生成列表',
    toy: '几何演示训练',
  },
})
