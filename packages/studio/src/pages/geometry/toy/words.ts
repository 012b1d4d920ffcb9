import { defineWords } from '../../../language/language.js'

export const words = defineWords({
  en: {
    title: 'The toy: a network trained under this loss',
    told: 'Eight identities of small patterns stand for eight people: no two patterns of one are the same, as no two photographs of a person are. A small network turns each into two or three numbers, so that its features lie on a circle or a sphere and can be seen. It is trained under the margins above and, from the same start, without a margin, each in two and in three dimensions (the paper’s figure 3). It takes some ten seconds on the server.',
    scale: 's of the toy (16 suits eight identities)',
    seed: 'Seed',
    train: 'Train the toy',
    again: 'Train it again',
    notFor:
      'Training on the server is for keys with the scope admin for all galleries. All else on this page works without.',
    unread: 'What the command put out cannot be shown.',
    play: 'Play',
    pause: 'Pause',
    frame: 'Steps trained',
    step: (step: string, last: string) => `${step} of ${last} steps`,
    plain: 'Without a margin',
    chosen: (margins: string) => `With the margins ${margins}`,
    dimensions: (dim: string) => `${dim}-D`,
    figure: (loss: string, dim: string, intra: string, inter: string) =>
      `${loss}, ${dim} dimensions: features of the eight identities and their centres. Intra ${intra}, Inter ${inter}.`,
    figures: 'Angles of the toy',
    loss: 'Loss',
    space: 'Features',
    explained:
      'Intra: mean angle from a feature to the mean direction of its identity; smaller is more compact. Inter: mean angle from there to the nearest other identity. Gap: by how much 95 % of the features are nearer to their own identity than to any other. W-EC: from a trained centre to the mean direction of its identity. W-Inter: from a trained centre to the nearest other one. All of the training data.',
  },
  zh: {
    title: '玩具模型：用当前损失训练的网络',
    told: '八个身份的小图案代表八个人：同一身份的图案各不相同，就像同一个人的照片各不相同。一个小网络把每个图案变成两个或三个数，因此特征位于圆或球面上，可以看见。它在上面的间隔下训练，并从同样的起点再无间隔地训练一次，二维和三维各一次（论文图 3）。在服务器上约需十秒。',
    scale: '玩具模型的 s（八个身份适合 16）',
    seed: '随机种子',
    train: '训练玩具模型',
    again: '重新训练',
    notFor: '在服务器上训练需要对所有图库具有 admin 权限的密钥。本页其他部分都可使用。',
    unread: '命令的输出无法显示。',
    play: '播放',
    pause: '暂停',
    frame: '已训练步数',
    step: (step: string, last: string) => `第 ${step} / ${last} 步`,
    plain: '无间隔',
    chosen: (margins: string) => `间隔 ${margins}`,
    dimensions: (dim: string) => `${dim} 维`,
    figure: (loss: string, dim: string, intra: string, inter: string) =>
      `${loss}，${dim} 维：八个身份的特征及其类中心。Intra ${intra}，Inter ${inter}。`,
    figures: '玩具模型的角度',
    loss: '损失',
    space: '特征',
    explained:
      'Intra：特征到其身份平均方向的平均角度，越小越紧凑。Inter：该方向到最近的其他身份的平均角度。Gap：95 % 的特征离自己身份比离任何其他身份近多少。W-EC：训练得到的类中心到其身份平均方向的角度。W-Inter：训练得到的类中心到最近的其他类中心的角度。均在训练数据上。',
  },
})
