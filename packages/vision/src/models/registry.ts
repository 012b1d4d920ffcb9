import type { LivenessInput } from '../liveness/part.js'
import { type Pack, type PackInput, packSchema } from './pack.js'

/** What is used where nobody names a model. */
export const DEFAULT_PACK = 'faceplugin'

const insightface = {
  name: 'non-commercial research only (InsightFace)',
  url: 'https://github.com/deepinsight/insightface/tree/master/python-package#license',
  commercial: false,
}
const insightfaceRelease = (file: string) => ({
  kind: 'https' as const,
  url: `https://github.com/deepinsight/insightface/releases/download/v0.7/${file}`,
})
const zoo = (path: string) => ({
  kind: 'https' as const,
  url: `https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/${path}`,
})
const halves = { mean: 127.5, std: 127.5 }

// Checksums: of faceplugin from npm's tarball; of OpenCV's files from the LFS pointers in opencv_zoo, which several
// projects pin too (SFace's name once stood for another file, of 24,227,283 bytes, in older commits); of InsightFace's
// from several projects that pin them (its releases publish none).
const yunetFile = 'face_detection_yunet_2023mar.onnx'
const yunetDownload: PackInput['downloads'][number] = {
  format: 'onnx',
  sources: [zoo(`face_detection_yunet/${yunetFile}`)],
  size: 232_589,
  checksum: 'sha256:8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4',
  files: [{ name: yunetFile }],
}

// Its authors' page feeds it RGB, a rectangle in the box's shape that is pushed into the picture; by that it refuses 57 of
// 200 photographs of living people. RGB and a square with reflected borders: 42; BGR and that: 3 (bench/liveness.mjs).
const frLivenessDownload: PackInput['downloads'][number]['files'][number] = {
  name: 'fr_liveness.onnx',
  member: 'package/model/fr_liveness.onnx',
  size: 1_886_811,
  checksum:
    'sha512:2dc23c0117ad3a202e28c57e1555fe0dcbcc0ac2f7f80d76184e80ebddae6f2fdc39418081a20ecda2a0a6b2bda8d655474211a29901d3ad6c28192707d4d57c',
}
const frLiveness: LivenessInput['models'][number] = {
  file: frLivenessDownload.name,
  crop: 2.7,
  size: 128,
  input: { colorOrder: 'BGR' },
  outputs: { live: 0, of: 'logits' },
}
const facepluginTarball = {
  format: 'tgz',
  sources: [{ kind: 'npm', package: 'faceplugin-face-recognition-js', version: '0.0.1' }],
  size: 41_114_878,
  checksum:
    'sha512:b21ae25e3778cc91c4c212b58c72be6d6a3c56fe95bbd07fc3a451b1de0016d34cfe3688daf86e39a98e48c97da9098b77c5a543b760a8dfb70b688e8b9a575b',
} satisfies Omit<PackInput['downloads'][number], 'files'>

const minifasnetFile = 'antispoof_minifas.onnx'
const minifasnetDownload: PackInput['downloads'][number] = {
  format: 'onnx',
  sources: ['facenox', 'suriAI'].map((owner) => ({
    kind: 'https',
    url: `https://raw.githubusercontent.com/${owner}/face-antispoof-onnx/main/models/best/98.20/best_model.onnx`,
  })),
  size: 1_912_594,
  checksum: 'sha256:af2381b88f38769222ed93379e12444e2a50814575de1c46170de570c55a42b6',
  files: [{ name: minifasnetFile }],
}
const minifasnet: LivenessInput['models'][number] = {
  file: minifasnetFile,
  crop: 1.5,
  size: 128,
  input: { range: 1 },
  outputs: { live: 0, of: 'logits' },
}

/** What bench/liveness.mjs says of living people; no attack was ever measured here. */
const refusing = (
  bpcer: number,
  low: number,
  high: number,
): LivenessInput['points'][number]['measured'][number] => ({
  by: 'arcface',
  on: '196 photographs of 20 people of CelebA in the wild',
  bpcer,
  bpcerLimits: [low, high],
})

const packs: readonly PackInput[] = [
  {
    name: DEFAULT_PACK,
    title: 'UltraFace, 68 points, MobileFaceNet 512-d: small, on npm',
    licence: {
      name: 'MIT',
      url: 'https://www.npmjs.com/package/faceplugin-face-recognition-js',
      commercial: true,
    },
    downloads: [
      {
        ...facepluginTarball,
        files: [
          {
            name: 'fr_detect.onnx',
            member: 'package/model/fr_detect.onnx',
            size: 1_217_758,
            checksum:
              'sha512:001aa668c40a2a3aed971cab737fa7382e437947562f0e811a5420156c1fcaf7a0c0827a3b9b3b81c40c8b48ed0ff34abde5c1c42b53fadbbe95b44f2739aa15',
          },
          {
            name: 'fr_landmark.onnx',
            member: 'package/model/fr_landmark.onnx',
            size: 1_163_742,
            checksum:
              'sha512:d11ad1ab83bf9ae84eeb3b9a1c0090bdaab3d425811655e07897bc77fe8521bf9e8ff046c6d78a94b44b3fb0558dafad89e09ce89b87ff1ad839940191f65b0b',
          },
          {
            name: 'fr_feature.onnx',
            member: 'package/model/fr_feature.onnx',
            size: 4_884_269,
            checksum:
              'sha512:0154ce6d424e78335c1b0f44c902e89f4c134ca936d63ecbc28d62308236bdaf421cdf90890da593d0fbb32f0d05abb50cbe3d397c807c072029777f835b94f2',
          },
          frLivenessDownload,
          {
            name: 'fr_eye.onnx',
            member: 'package/model/fr_eye.onnx',
            size: 207_130,
            checksum:
              'sha512:77a37a99e07d38e5fa8fd622320221fcc64851a8dbaea3826e71a81a440bd5e176e61754260a7c1121a6467ffb924eba108ffa5df9e5bf68dc3c2848505c16fd',
          },
        ],
      },
    ],
    detector: 'fr_detect.onnx',
    landmarks: 'fr_landmark.onnx',
    embedder: {
      file: 'fr_feature.onnx',
      preprocessing: { colorOrder: 'BGR', ...halves },
      // arcface evaluate threshold --images celeba-train --images pins --leave-out-doubtful: CelebA's people 7201 to
      // 7499 but for a hundred, and 90 of Pins, aligned by five points, without flip. Left out are one person
      // of whom most is wrongly labelled, and 14 faces of others; two people lie in two folders each.
      thresholds: {
        source: '40,443,480 pairs of 286 people of CelebA and Pins',
        cosine: {
          '1e-1': 0.1344,
          '3e-2': 0.2033,
          '1e-2': 0.2595,
          '3e-3': 0.3143,
          '1e-3': 0.3592,
          '3e-4': 0.4031,
          '1e-4': 0.4396,
          '3e-5': 0.4747,
          '1e-5': 0.5064,
          '3e-6': 0.5366,
          '1e-6': 0.5564,
        },
        impostors: {
          pairs: 40_443_480,
          people: 286,
          smallestFar: 1.6e-7,
          tail: { level: 0.4015, rate: 3.1449e-4, shape: -0.0862, scale: 0.03466 },
        },
        // Of the same people, 12 to 20 faces each.
        norm: 3.4,
        // bench/calibration.mjs --fit pins --fit celeba-train: the same people and pairs, points within 0.012 of the curve.
        calibration: {
          method: 'logistic',
          prior: 0.5,
          points: [
            [-0.0035, -3.623],
            [0.0317, -3.348],
            [0.0627, -3.034],
            [0.0937, -2.647],
            [0.1246, -2.189],
            [0.1556, -1.659],
            [0.1865, -1.057],
            [0.2175, -0.383],
            [0.2485, 0.363],
            [0.2794, 1.182],
            [0.3104, 2.072],
            [0.3414, 3.034],
            [0.3723, 4.068],
            [0.4033, 5.174],
            [0.4351, 6.387],
            [0.4652, 7.602],
            [0.4962, 8.924],
            [0.5251, 10.223],
          ],
          measured: {
            source: 'CelebA and Pins',
            people: 286,
            images: 9016,
            genuine: 98_011,
            impostors: 200_000,
            cllr: 0.1627,
            minCllr: 0.1585,
          },
        },
      },
    },
    eyes: 'fr_eye.onnx',
    liveness: {
      models: [frLiveness],
      points: [
        { threshold: 0.5, measured: [refusing(0.0204, 0.004, 0.062)] },
        { threshold: 0.9, measured: [refusing(0.148, 0.096, 0.227)] },
      ],
    },
  },
  {
    name: 'minifasnet',
    title: 'MiniFASNet on CelebA-Spoof: living faces from pictures of faces',
    licence: {
      name: 'Apache-2.0',
      url: 'https://github.com/facenox/face-antispoof-onnx',
      commercial: true,
    },
    downloads: [minifasnetDownload],
    liveness: {
      models: [minifasnet],
      points: [
        {
          threshold: 0.5,
          measured: [
            refusing(0, 0, 0.168),
            {
              by: 'authors',
              on: 'CelebA-Spoof, by one crop a face and at a threshold of theirs',
              bpcer: 0.024,
              apcer: 0.013,
            },
          ],
        },
        { threshold: 0.9, measured: [refusing(0.056, 0.026, 0.092)] },
      ],
    },
  },
  {
    name: 'liveness',
    title: "living faces from pictures of faces, by faceplugin's network and MiniFASNet together",
    licence: {
      name: 'MIT (faceplugin), Apache-2.0 (MiniFASNet)',
      url: 'https://www.npmjs.com/package/faceplugin-face-recognition-js',
      commercial: true,
    },
    downloads: [{ ...facepluginTarball, files: [frLivenessDownload] }, minifasnetDownload],
    liveness: {
      models: [frLiveness, minifasnet],
      points: [
        { threshold: 0.5, measured: [refusing(0, 0, 0.168)] },
        { threshold: 0.9, measured: [refusing(0.128, 0.083, 0.184)] },
      ],
    },
  },
  {
    name: 'yunet',
    title: "OpenCV's detector YuNet, five points",
    licence: {
      name: 'MIT',
      url: 'https://github.com/opencv/opencv_zoo/tree/main/models/face_detection_yunet',
      commercial: true,
    },
    downloads: [yunetDownload],
    detector: yunetFile,
  },
  {
    name: 'sface',
    title: "OpenCV's YuNet and SFace, 128-d",
    licence: {
      name: 'Apache-2.0 (SFace), MIT (YuNet)',
      url: 'https://github.com/opencv/opencv_zoo/tree/main/models/face_recognition_sface',
      commercial: true,
    },
    downloads: [
      yunetDownload,
      {
        format: 'onnx',
        sources: [zoo('face_recognition_sface/face_recognition_sface_2021dec.onnx')],
        size: 38_696_353,
        checksum: 'sha256:0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79',
        files: [{ name: 'face_recognition_sface_2021dec.onnx' }],
      },
    ],
    detector: yunetFile,
    // OpenCV's FaceRecognizerSF feeds RGB as it is.
    embedder: { file: 'face_recognition_sface_2021dec.onnx', preprocessing: {} },
  },
  {
    name: 'buffalo_s',
    title: "InsightFace's SCRFD-500M and MobileFaceNet on WebFace600K, 512-d",
    licence: insightface,
    downloads: [
      {
        format: 'zip',
        sources: [insightfaceRelease('buffalo_s.zip')],
        checksum: 'sha256:d85a87f503f691807cd8bb97128bdf7a0660326cd9cd02657127fa978bab8b5e',
        files: [
          {
            name: 'det_500m.onnx',
            size: 2_524_817,
            checksum: 'sha256:5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a',
          },
          {
            name: 'w600k_mbf.onnx',
            size: 13_616_099,
            checksum: 'sha256:9cc6e4a75f0e2bf0b1aed94578f144d15175f357bdc05e815e5c4a02b319eb4f',
          },
        ],
      },
    ],
    detector: 'det_500m.onnx',
    embedder: { file: 'w600k_mbf.onnx', preprocessing: halves },
  },
  {
    name: 'buffalo_l',
    title: "InsightFace's SCRFD-10G and ResNet-50 on WebFace600K, 512-d",
    licence: insightface,
    downloads: [
      {
        format: 'zip',
        sources: [insightfaceRelease('buffalo_l.zip')],
        size: 288_621_354,
        checksum: 'sha256:80ffe37d8a5940d59a7384c201a2a38d4741f2f3c51eef46ebb28218a7b0ca2f',
        files: [
          {
            name: 'det_10g.onnx',
            size: 16_923_827,
            checksum: 'sha256:5838f7fe053675b1c7a08b633df49e7af5495cee0493c7dcf6697200b85b5b91',
          },
          {
            name: 'w600k_r50.onnx',
            size: 174_383_860,
            checksum: 'sha256:4c06341c33c2ca1f86781dab0e829f88ad5b64be9fba56e56bc9ebdefc619e43',
          },
        ],
      },
    ],
    detector: 'det_10g.onnx',
    embedder: { file: 'w600k_r50.onnx', preprocessing: halves },
  },
]

/** The packs that are known by name. */
export const registry: readonly Pack[] = packs.map((pack) => packSchema.parse(pack))
