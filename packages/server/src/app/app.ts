import type { Galleries } from '@arcface/gallery'
import type { Recognizer } from '@arcface/recognize'
import type { FastifyBaseLogger } from 'fastify'
import type { AuditLog } from '../audit/log.js'
import type { Challenges } from '../challenges/challenges.js'
import type { ServerConfig } from '../config/schema.js'
import type { Once } from '../http/once.js'
import type { Jobs } from '../jobs/jobs.js'
import type { Strangers } from '../jobs/strangers.js'
import type { Keys } from '../keys/keys.js'
import type { Sessions } from '../keys/sessions.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Receipts } from '../retention/receipts.js'
import type { Sweeper } from '../retention/sweeper.js'
import type { Runs } from '../runs/runs.js'
import type { Tasks } from '../tasks/tasks.js'
import type { Load } from '../work/load.js'
import type { Workspace } from '../workspace/workspace.js'

/** What requests are answered with; it belongs to who opened it. */
export interface App {
  readonly config: ServerConfig
  readonly keys: Keys
  /** Who has signed in by a page. */
  readonly sessions: Sessions
  readonly recognizer: Recognizer
  readonly galleries: Galleries
  readonly jobs: Jobs
  readonly workspace: Workspace
  readonly tasks: Tasks
  /** Those that are asked of who stands before a camera. */
  readonly challenges: Challenges
  /** Faces that jobs have found. */
  readonly strangers: Strangers
  readonly runs: Runs
  /** Answers to requests that came with a key of their own. */
  readonly once: Once
  /** What is in work, and whether the server stops. */
  readonly load: Load
  readonly metrics: Metrics
  /** null: the configuration wants none. */
  readonly audit: AuditLog | null
  readonly receipts: Receipts
  /** null: people are erased where somebody asks. */
  readonly sweeper: Sweeper | null
  readonly log: FastifyBaseLogger
}
