import { isIP } from 'node:net'
import { DEFAULT_PACK } from '@arcface/recognize'
import { z } from 'zod'

const count = z.int().positive()
const bytes = z.int().positive()
/** Up to a day: a timer of Node's that is longer than 24 days ends at once. */
const seconds = z.number().positive().max(86_400)
const origin = z
  .string()
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, 'an origin: https://host')
const network = z
  .string()
  .refine(isNetwork, 'an address, a network as 10.0.0.0/8, loopback or uniquelocal')

/** 32 bytes, also in base64 or hexadecimal: a file, the name of a variable, or a command that wraps and unwraps. */
const keySource = z.union(
  [
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ command: z.string().min(1) }),
  ],
  '{ file }, { env } or { command }',
)

/** What a server is made of. Every key has a default; `docs/server.md` has a commented example. */
export const configSchema = z.strictObject({
  /** Address to listen on. Without keys only a loopback one is taken. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0: any that is free. */
  port: z.int().min(0).max(65_535).default(8000),
  /** Folder of this server: keys, audit log, jobs. Default: `arcface` in the user's data folder. */
  data: z.string().min(1).nullable().default(null),
  /** File of keys, as `arcface keys` writes it. Default: `keys.json` in `data`. */
  keys: z.string().min(1).nullable().default(null),
  /** Files of a certificate with its chain and of its key (PEM), which are followed when they change. Default: no TLS. */
  tls: z
    .strictObject({ cert: z.string().min(1), key: z.string().min(1) })
    .nullable()
    .default(null),
  /** Proxies in front, whose word on a client's address is taken: addresses, or networks as 10.0.0.0/8. */
  trustProxy: z.array(network).default([]),
  /** Origins whose pages may ask, such as `https://desk.example.org`. */
  cors: z.array(origin).default([]),
  /** Requests a minute, of this process. */
  rates: z
    .strictObject({
      /** Of an address; of IPv6 its first 64 bits. Default: no limit. */
      address: count.nullable().default(null),
      /** Of a key that has no rate of its own. Default: no limit. */
      key: count.nullable().default(null),
      /** Of an address with a wrong key. */
      guesses: count.default(30),
    })
    .prefault({}),
  /** Where galleries lie: a folder, or `s3://bucket/people` (gs://, az://). Default: `galleries` in `data`. */
  galleries: z.string().min(1).nullable().default(null),
  /** Of object storage: options of LanceDB, such as `region` and `endpoint`. Secrets are better in the environment. */
  storage: z.record(z.string(), z.string()).default({}),
  /** Galleries that are made are encrypted, and those that are so are opened, with this key; null: made plain. */
  encryption: z.strictObject({ key: keySource }).nullable().default(null),
  /**
   * Of galleries that are made the embeddings are turned by a secret rotation, and those whose are so are opened, with this
   * key; null: made as they come.
   */
  rotation: z.strictObject({ key: keySource }).nullable().default(null),
  /** An installed pack, an ONNX file or the folder of a run. */
  model: z.string().min(1).default(DEFAULT_PACK),
  /** A pack or an ONNX file. Default: the model's own. */
  detector: z.string().min(1).nullable().default(null),
  /** A file that `arcface evaluate threshold --out` has written. Default: the model's own thresholds. */
  thresholds: z.string().min(1).nullable().default(null),
  /** Faces with a lower score are left out. Default: what the detector's authors use. */
  minScore: z.number().min(0).max(1).nullable().default(null),
  /** What a face must be like to be recognised and enrolled: limits in place of the usual ones, or false for none. */
  quality: z
    .union([z.literal(false), z.record(z.string(), z.number())], 'limits by name, or false')
    .default({}),
  /** What tells a living face from a picture of one. */
  liveness: z
    .strictObject({
      /** An installed pack. Default: the model's own, else the usual one. */
      pack: z.string().min(1).nullable().default(null),
      /** Least score of a living face, 0 to 1. Default: the pack's first point. */
      threshold: z.number().min(0).max(1).nullable().default(null),
    })
    .prefault({}),
  /** Of an ONNX file of others, as `arcface embed --help` has it: each value replaces its own. */
  preprocessing: z.record(z.string(), z.unknown()).nullable().default(null),
  /** Cores for each photograph in work. Default: a quarter of all. */
  threads: count.nullable().default(null),
  /** Keep the aligned faces of people who are enrolled as small pictures; the photographs themselves never are. */
  thumbnails: z.boolean().default(true),
  /** The pages of the studio at the root. */
  studio: z.boolean().default(true),
  /** Below /api/v1, for clients of CompreFace. */
  compreface: z
    .strictObject({
      /** Where a key that is not of exactly one gallery looks for people, and who needs no key. */
      gallery: z.string().min(1).default('main'),
    })
    .prefault({}),
  /** What the studio reads and writes: data, runs, models, what tasks have made. */
  workspace: z
    .strictObject({
      /** Default: `workspace` in `data`. */
      folder: z.string().min(1).nullable().default(null),
      /** Commands that run at once; more wait. */
      tasks: count.default(2),
    })
    .prefault({}),
  /** What a request may bring. */
  limits: z
    .strictObject({
      /** Of a photograph's file. */
      photoBytes: bytes.default(10 << 20),
      /** Of a body of several photographs or embeddings. */
      bodyBytes: bytes.default(40 << 20),
      /** Of a file that is imported, or enrolled as a zip. */
      uploadBytes: bytes.default(4 * 2 ** 30),
      /** Photographs of a request. */
      photos: count.default(16),
      /** Pixels of the largest photograph that is decoded. */
      pixels: count.default(50_000_000),
      /** Embeddings of a request. */
      embeddings: count.default(256),
      /** Of what describes a person: groups, metadata, consent. */
      personBytes: bytes.default(64 << 10),
      /** Seconds for the headers of a request to arrive. */
      headersSeconds: seconds.default(10),
      /** Seconds for a request to arrive whole, but uploads. */
      requestSeconds: seconds.default(30),
      /** Seconds for a file that is imported, or enrolled as a zip, to arrive whole. */
      uploadSeconds: seconds.default(3600),
      /** Bytes a second that a body comes with at least. */
      bytesPerSecond: count.default(1000),
      /** Seconds that a client may take nothing of an answer that waits for it. */
      answerSeconds: seconds.default(30),
      /** Connections at once; more are closed. */
      connections: count.default(10_000),
    })
    .prefault({}),
  /** How much is taken at once. More is refused with 503 and a time to ask again, or 429 where one address sends it. */
  load: z
    .strictObject({
      /** Seconds that a request may wait for its work, as fast as others were answered lately. */
      waitSeconds: seconds.default(2),
      /** Of the bodies of all requests that are not answered. */
      memoryBytes: bytes.default(256 << 20),
      /** Files that are imported, or enrolled as a zip, at once. */
      uploads: count.default(4),
      /** Milliseconds that whatever is asked waits for the processor, on average over a second. */
      eventLoopMs: count.default(500),
    })
    .prefault({}),
  /** What a signal to stop begins. */
  stop: z
    .strictObject({
      /** Seconds in which it is not ready any more and still takes what comes: until every balancer has seen it. */
      leaveSeconds: z.number().min(0).max(300).default(0),
      /** Seconds for what was taken to be answered. */
      finishSeconds: seconds.default(20),
    })
    .prefault({}),
  /** How people are erased whose consent or retention has ended. */
  retention: z
    .strictObject({
      /** Hours after which it is looked for them in all galleries. Default: only where somebody asks. */
      sweepHours: z.number().min(0.01).max(500).nullable().default(null),
      /** Of the key that signs receipts of erasures. Default: `receipts.pem` in `data`. */
      receiptKey: z.string().min(1).nullable().default(null),
    })
    .prefault({}),
  /** What is kept of who asked what. */
  audit: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Default: `audit` in `data`. */
      folder: z.string().min(1).nullable().default(null),
      /** That it is kept; six months at least, where the AI Act asks for it (article 26(6)). */
      days: count.default(184),
      /** Of one of its files. */
      segmentBytes: bytes.default(64 << 20),
      /** When it cannot be written, as on a full disk: nothing is answered, or it is answered and counted. */
      whenFull: z.enum(['refuse', 'answer']).default('refuse'),
      /** Requests a minute that were refused and are kept one by one; of more the number. */
      refusals: count.default(600),
    })
    .prefault({}),
  /** Who reads /metrics: a key with the scope admin for all galleries, or anybody who reaches the server. */
  metrics: z.enum(['key', 'open']).default('key'),
  /** Of what is written to the standard error. */
  log: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
})

export type ServerConfig = z.output<typeof configSchema>

/** What Fastify takes. */
function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  )
}
