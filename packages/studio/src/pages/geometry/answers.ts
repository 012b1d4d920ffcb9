import { defineWords } from '../../language/language.js'

/** The ten questions, by the place on the page where each is answered. */
export const QUESTIONS = [
  'geodesic',
  'normalise',
  'own',
  'kinds',
  'turn',
  'gradient',
  'scale',
  'constant',
  'band',
  'room',
] as const
export type Question = (typeof QUESTIONS)[number]

/** What a student asks. docs/studio.md lists where each is answered and what the answer was checked against. */
export const questions = defineWords({
  en: {
    geodesic: 'Why is an angle a geodesic distance?',
    normalise: 'Why are features and centres divided by their lengths, and where is the bias?',
    own: 'Why does the margin stand in the logit of the true class only?',
    kinds: 'What do m₁, m₂ and m₃ do differently?',
    turn: 'What happens where m₁θ + m₂ passes 180°?',
    gradient: 'When does the gradient vanish, and when not?',
    scale: 'What does s do?',
    constant: 'Why is ArcFace’s margin the same everywhere on the sphere, and CosFace’s not?',
    band: 'Then is the band between two classes equally wide everywhere?',
    room: 'How large may a margin be, and what does training make of it?',
  },
  zh: {
    geodesic: '为什么角度就是测地距离？',
    normalise: '为什么特征和类中心要除以各自的长度？偏置去哪了？',
    own: '为什么间隔只加在真实类别的 logit 上？',
    kinds: 'm₁、m₂、m₃ 的作用有何不同？',
    turn: '当 m₁θ + m₂ 超过 180° 时会怎样？',
    gradient: '梯度何时消失，何时不消失？',
    scale: 's 起什么作用？',
    constant: '为什么 ArcFace 的间隔在球面上处处相同，而 CosFace 的不是？',
    band: '那么两类之间的间隔带处处等宽吗？',
    room: '间隔可以多大？训练的结果如何？',
  },
})

export const answers = defineWords({
  en: {
    geodesic: (radians: string, chord: string) =>
      `Features and centres are divided by their lengths, so all of them lie on a sphere of radius 1. The shortest way between two places that stays on the sphere, the geodesic, is an arc of the great circle through both. An arc of a circle of radius 1 is as long as its angle in radians: here ${radians}. The straight way through the sphere, the chord, is shorter (${chord}), and the cosine is no distance at all: equal steps of the angle are not equal steps of the cosine. So a margin that is added to the angle is a margin of geodesic distance; for this the paper names the loss ArcFace.`,
    normalise:
      'A linear layer gives |W| |x| cos θ + b. Training may lower its loss by making W or x longer, without turning either. With both lengths fixed at 1 and b at 0 only the angle is left, which is also all that is compared in use. What the lengths did, making the softmax sharp, one number does for all classes: the scale s, the radius of the sphere.',
    own: (seen: string) =>
      `It is a handicap. The sample has to come nearer to its own centre than would be enough without it. ${seen} Taken off all logits alike, m₃ would cancel out of the softmax. In use nobody knows the true class and nothing is handicapped: the cosine of two features is compared with a threshold, without margin and scale.`,
    kinds:
      'm₃ moves the curve down: the same height is taken off at every angle (CosFace). m₂ moves it to the left: the same angle is (ArcFace). m₁ above 1 presses it together towards 0°: the angle taken off is (m₁ − 1) θ, next to nothing for a sample that is near already (SphereFace, as the paper’s tables train it). CM1 and CM2 mix them. Lower is stricter: at one angle the sample is farther behind the other classes.',
    turnPasses: (turn: string) =>
      `From θ = ${turn} on the cosine would rise again: a sample that is still farther away would get a higher logit and be drawn away from its centre. The trainer goes on downwards instead.`,
    turnLine: (step: string) =>
      `With m₁ = 1 it takes InsightFace’s line cos θ − m₂ sin m₂ − m₃, which begins ${step} lower.`,
    turnSmooth: 'With m₁ other than 1 it goes on from −1 − m₃ without a step.',
    turnRest:
      'There the pull is that of the plain cosine. The features of an untrained network stand at about 90° to all centres, so few samples are ever there.',
    turnNever: 'With these margins m₁θ + m₂ does not pass 180° at any angle.',
    gradientSure: (theta: string, own: string, plain: string) =>
      `The loss draws a sample along the arc to its centre with (1 − p) s m₁ sin(m₁θ + m₂), the derivative by θ. It vanishes with either factor. The first is 1 − p, and goes to 0 once the sample is surely right. A margin keeps it unsure for longer: at ${theta} 1 − p is ${own}; without a margin it would be ${plain}.`,
    gradientSine: (centre: string) =>
      `The second is m₁ sin(m₁θ + m₂). On the centre it is ${centre}. Without m₂ it is 0 there: under Norm-Softmax, CosFace and SphereFace the pull fades over the last degrees, under ArcFace it does not. It is 0 once more where m₁θ + m₂ is 180°.`,
    gradientStraight:
      'By cos θ in place of θ the second factor is m₁ sin(m₁θ + m₂) / sin θ, which without bound grows towards 0°; a way along the arc changes the cosine by only sin θ there, so the pull stays bounded. InsightFace’s torch code has put 1 in place of this derivative since December 2022 (“straight-through”): the margin then changes p alone.',
    scaleSmall: (classes: string, other: string, highest: string) =>
      `s multiplies all logits. A small s flattens the softmax: with ${classes} classes, the others at ${other}, a sample that lies on its centre has now p = ${highest}. Where that is far from 1, the loss never ends, and pulls at good samples as at bad ones.`,
    scaleLarge: (half: string, needed: string) =>
      `A large s makes p fall from 1 to 0 within a few degrees (${half}): samples nearer than that are left alone, those farther away are drawn with full force, s times. For p = 0.999 on the centre s has to be ${needed} at least, the more, the more classes there are. The paper takes 64.`,
    scaleAt: (angle: string) => `now about ${angle}`,
    scaleBelow: 'now it is below ½ at every angle',
    scaleAbove: 'now it is above ½ at every angle',
    scaleNone: 'infinite: no number is enough',
    constantRule:
      'A sample of class 1 counts as right where cos(m₁θ₁ + m₂) − m₃ ≥ cos θ₂. Under ArcFace this says θ₂ ≥ θ₁ + m₂ (up to 180°): the way to the other centre has to be longer by one and the same arc, wherever the sample is.',
    constantCosine:
      'Under CosFace it says cos θ₁ − cos θ₂ ≥ m₃. A small step of the angle changes the cosine by sin θ times as much: much about 90°, little near 0° and 180°. So the same m₃ is a small angle about 90° and a large one at the ends: for m₃ = 0.35 from 20.2° to 49.5°. Under SphereFace it is (m₁ − 1) θ₁, nothing on the centre.',
    band: (gap: string) =>
      `No. What is the same everywhere under ArcFace is the difference of the two distances, θ₂ − θ₁. On the arc between the centres a step nearer to one is a step farther from the other, and the band is just m₂ wide there, if there is room (with the margins chosen it is ${gap}). Beside this arc both distances change almost alike, so the two edges draw apart as the branches of a hyperbola do. Turn the sphere to see it.`,
    roomCentres: (gap: string) =>
      `Two classes hold something between their centres only while the arc between these is wider than the gap. Eight centres stand at most 45° apart on a circle, where the gap of these margins would be ${gap}: at 45° nothing is left, as with m₂ = 1 (57.3°). On the sphere there is more room, and in 512 dimensions much more: in the paper’s table 3 the nearest other centre is 71.6° away on average under ArcFace, whose margin is 28.6°. Train the toy with m₂ = 1 to see what becomes of it in two dimensions and in three.`,
    roomTraining:
      'Training under a margin makes classes compact (Intra falls): in that table from 50.5° under Norm-Softmax to 38.5° under ArcFace, on the training data. Where the margin is too hard for the network or the data to begin with, let it grow while training: marginWarmup.',
  },
  zh: {
    geodesic: (radians: string, chord: string) =>
      `特征和类中心都除以各自的长度，因此都位于半径为 1 的球面上。两点之间不离开球面的最短路径即测地线，是过两点的大圆弧。半径为 1 的圆上，弧长等于以弧度表示的角度：此处为 ${radians}。直线穿过球体的弦较短（${chord}），而余弦根本不是距离：角度的等步长并不对应余弦的等步长。所以加在角度上的间隔就是测地距离的间隔；论文因此把该损失命名为 ArcFace。`,
    normalise:
      '线性层给出 |W| |x| cos θ + b。训练可以只拉长 W 或 x 而不转动它们，就让损失下降。把两者的长度固定为 1、b 固定为 0，就只剩下角度，而使用时比较的也只有角度。长度原来的作用是让 softmax 变尖锐，现在由所有类别共用的一个数承担：尺度 s，即球面的半径。',
    own: (seen: string) =>
      `它是训练时的一种不利条件：样本必须比没有间隔时更靠近自己的类中心。${seen}如果所有 logit 都减去同样的 m₃，它在 softmax 中会相互抵消。使用时没有人知道真实类别，也不加间隔：只把两个特征的余弦相似度与阈值比较，既无间隔也无尺度。`,
    kinds:
      'm₃ 把曲线下移：在每个角度减去同样的高度（CosFace）。m₂ 把曲线左移：减去同样的角度（ArcFace）。m₁ 大于 1 时把曲线压向 0°：减去的角度为 (m₁ − 1) θ，对已经很近的样本几乎没有作用（SphereFace，按论文表格中的训练方式）。CM1 和 CM2 是混合。越低越严格：同一角度下样本落后其他类别更多。',
    turnPasses: (turn: string) =>
      `从 θ = ${turn} 起余弦会重新上升：更远的样本反而得到更高的 logit，并被拉离类中心。训练程序让它继续下降。`,
    turnLine: (step: string) =>
      `m₁ = 1 时采用 InsightFace 的直线 cos θ − m₂ sin m₂ − m₃，起点低 ${step}。`,
    turnSmooth: 'm₁ 不为 1 时从 −1 − m₃ 连续地继续下降。',
    turnRest:
      '此处的拉力与普通余弦相同。未训练网络的特征与所有类中心约成 90°，因此很少有样本处于这里。',
    turnNever: '在这些间隔下，任何角度的 m₁θ + m₂ 都不超过 180°。',
    gradientSure: (theta: string, own: string, plain: string) =>
      `损失沿弧把样本拉向类中心，拉力为对 θ 的导数 (1 − p) s m₁ sin(m₁θ + m₂)。任一因子为 0 时它就消失。第一个因子 1 − p 在样本确定正确后趋于 0。间隔使样本更久地保持不确定：在 ${theta} 处 1 − p 为 ${own}；没有间隔则为 ${plain}。`,
    gradientSine: (centre: string) =>
      `第二个因子是 m₁ sin(m₁θ + m₂)。在类中心上它为 ${centre}。没有 m₂ 时那里为 0：Norm-Softmax、CosFace 和 SphereFace 的拉力在最后几度逐渐消失，ArcFace 则不会。在 m₁θ + m₂ 为 180° 处它再次为 0。`,
    gradientStraight:
      '若对 cos θ 而不是 θ 求导，第二个因子为 m₁ sin(m₁θ + m₂) / sin θ，趋近 0° 时无界增长；但那里沿弧移动只使余弦改变 sin θ 倍，所以拉力仍然有界。InsightFace 的 torch 代码自 2022 年 12 月起用 1 代替这个导数（“straight-through”，直通）：间隔只改变 p。',
    scaleSmall: (classes: string, other: string, highest: string) =>
      `s 乘在所有 logit 上。s 小则 softmax 平坦：共 ${classes} 个类别、其他中心在 ${other} 时，位于类中心上的样本此时 p = ${highest}。若它远小于 1，损失永远不会结束，对好样本和坏样本的拉力几乎一样。`,
    scaleLarge: (half: string, needed: string) =>
      `s 大则 p 在几度之内从 1 降到 0（${half}）：更近的样本不再受力，更远的样本受到 s 倍的全部拉力。要使类中心上 p = 0.999，s 至少为 ${needed}；类别越多，所需越大。论文取 64。`,
    scaleAt: (angle: string) => `现在约在 ${angle}`,
    scaleBelow: '现在在任何角度都低于 ½',
    scaleAbove: '现在在任何角度都高于 ½',
    scaleNone: '无穷大（任何数都不够）',
    constantRule:
      '类别 1 的样本在 cos(m₁θ₁ + m₂) − m₃ ≥ cos θ₂ 时算正确。在 ArcFace 下即 θ₂ ≥ θ₁ + m₂（不超过 180°）：无论样本在哪里，到另一中心的路程都必须长出同样的一段弧。',
    constantCosine:
      '在 CosFace 下即 cos θ₁ − cos θ₂ ≥ m₃。角度的一小步使余弦改变 sin θ 倍：在 90° 附近变化大，在 0° 和 180° 附近变化小。因此同样的 m₃ 在 90° 附近是小角度，在两端是大角度：m₃ = 0.35 时从 20.2° 到 49.5°。SphereFace 的则为 (m₁ − 1) θ₁，在类中心上为零。',
    band: (gap: string) =>
      `不是。在 ArcFace 下处处相同的是两个距离之差 θ₂ − θ₁。在两中心之间的弧上，靠近一个中心一步就是远离另一个一步，只要有空间，那里间隔带的宽度正好是 m₂（当前间隔下为 ${gap}）。离开这段弧，两个距离几乎同步变化，两条边界像双曲线的两支一样分开。转动球面可以看到。`,
    roomCentres: (gap: string) =>
      `只有当两中心之间的弧比间隔弧宽时，两类才能在中心之间占有位置。圆上八个中心最多相距 45°，当前间隔在那里的间隔弧为 ${gap}：达到 45° 就不剩任何空间，例如 m₂ = 1（57.3°）。球面上空间更大，512 维中更大得多：论文表 3 中 ArcFace 的最近其他类中心平均相距 71.6°，而其间隔为 28.6°。用 m₂ = 1 训练玩具模型，看看二维和三维的结果。`,
    roomTraining:
      '带间隔的训练使各类更紧凑（Intra 减小）：该表的训练数据上，从 Norm-Softmax 的 50.5° 降到 ArcFace 的 38.5°。如果间隔一开始对网络或数据太难，就让它在训练中逐渐增大：marginWarmup。',
  },
})
