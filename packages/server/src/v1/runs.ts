import { setTimeout } from 'node:timers/promises'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { openEvents } from '../http/events.js'
import { checkAllGalleries, principalOf } from '../keys/principal.js'
import { ablationAt } from '../runs/ablation.js'
import { RunFollower } from '../runs/follow.js'
import { RUN_STATES, summaryOf } from '../runs/run.js'
import { trainerOf } from '../runs/state.js'
import { place } from '../workspace/place.js'
import { list, problems } from './schemas.js'

const tags = ['runs']
const config = { scope: 'admin' } as const

/** A request waits so long for a large file that is read for the first time; then it tells what was read. */
const PATIENCE_MS = 2000

const summary = {
  state: z.enum(RUN_STATES).describe('running: a process of this machine trains it'),
  problem: z.string().nullable().describe('What is wrong with its files'),
  step: z.int(),
  steps: z.int().nullable().describe('null: not known before the first checkpoint'),
  loss: z.string().nullable(),
  backbone: z.string().nullable(),
  started: z.iso.datetime(),
  changed: z.iso.datetime(),
  last: z.record(z.string(), z.number()).nullable().describe('Figures of the last line of steps'),
  verification: z
    .array(z.object({ set: z.string(), accuracy: z.number() }))
    .describe('The latest of each set'),
}
const run = z
  .object({
    run: z.string().describe('Its folder, by which it is known'),
    ablation: z.string().nullable().describe('The folder of the ablation that it is of'),
    ...summary,
  })
  .meta({ id: 'Run' })

const numbers = z.array(z.number().nullable())
const metrics = z
  .object({
    from: z.int().nullable(),
    to: z.int().nullable(),
    total: z.int().describe('Lines of steps in all'),
    step: z.array(z.int()).describe('Of each point; the last of a bucket'),
    series: z
      .record(
        z.string(),
        z.union([numbers, z.object({ mean: numbers, min: numbers, max: numbers })]),
      )
      .describe('The values where each is told, else mean, least and greatest of each bucket'),
    verification: z.array(z.looseObject({ step: z.int() })).describe('As the run has them'),
    failures: z.array(z.looseObject({ step: z.int() })),
    offset: z.int().describe('Bytes that were read; `events` goes on there'),
    bytes: z.int().describe('Of the file: more than `offset` while it is being read'),
    file: z.string().describe('Which file `offset` is of: a run that is gone on with has another'),
    torn: z.int().describe('Lines that are damaged, and left out'),
  })
  .meta({ id: 'RunMetrics' })

const query = { run: place.describe('Its folder in the workspace') }

/** What trainings have written, and write. */
export const runs =
  ({ runs, workspace, load }: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.addHook('preHandler', async (request) => checkAllGalleries(principalOf(request)))

    server.route({
      method: 'GET',
      url: '/runs',
      config,
      schema: {
        tags,
        summary: 'All runs of the workspace, the one that changed last first',
        response: { 200: z.object({ runs: z.array(run) }), ...problems },
      },
      handler: async () => ({
        runs: (await runs.list()).map((one) => ({ ...one, verification: [...one.verification] })),
      }),
    })

    server.route({
      method: 'GET',
      url: '/runs/one',
      config,
      schema: {
        tags,
        summary: 'A run: its configuration, checkpoints and pictures',
        querystring: z.strictObject(query),
        response: {
          200: run
            .extend({
              config: z.record(z.string(), z.unknown()).nullable().describe('null: damaged'),
              yaml: z.string(),
              checkpoints: z
                .array(
                  z.object({
                    step: z.int(),
                    path: z.string(),
                    score: z.number().nullable().describe('Accuracy on the first set'),
                  }),
                )
                .describe('The latest first'),
              pictures: z.array(z.string()).describe('Of batches, places; the latest first'),
              report: z.string().nullable().describe('A place'),
            })
            .meta({ id: 'WholeRun' }),
          ...problems,
        },
      },
      handler: async (request) => {
        const one = await runs.one(request.query.run)
        return { ...one, verification: [...one.verification] }
      },
    })

    server.route({
      method: 'GET',
      url: '/runs/metrics',
      config,
      schema: {
        tags,
        summary: 'What a run has measured, as columns of a bounded number of points',
        querystring: z.strictObject({
          ...query,
          from: z.coerce.number().int().min(0).optional().describe('The first step'),
          to: z.coerce.number().int().min(0).optional().describe('The last'),
          points: z.coerce.number().int().min(1).max(5000).default(2000),
          series: list.describe('Their names; by default all'),
        }),
        response: { 200: metrics, ...problems },
      },
      // Tens of thousands of numbers of our own, which nobody has to look at one by one.
      serializerCompiler: () => (data) => JSON.stringify(data),
      handler: async ({ query: { run, series, ...wanted } }) => {
        const found = runs.metrics(run)
        const wait = new AbortController()
        await Promise.race([found.read(), setTimeout(PATIENCE_MS, undefined, wait).catch(() => {})])
        wait.abort()
        const part = await found.part({
          ...wanted,
          ...(series.length > 0 && { series }),
        })
        return part as never
      },
    })

    server.route({
      method: 'GET',
      url: '/runs/events',
      config,
      schema: {
        tags,
        summary: 'What a run measures as it is written, as server-sent events',
        description:
          '`lines`: an array of lines of metrics.jsonl; `state`: { state }; `reset`: { offset, file }, when the run was ' +
          'gone on with and the file is another one: ask for the metrics anew. Ids are file:offset.',
        querystring: z.strictObject({
          ...query,
          offset: z.coerce.number().int().min(0).optional().describe('Default: the end'),
          file: z.string().max(100).optional().describe('Of the metrics that `offset` is of'),
        }),
        headers: z.object({ 'last-event-id': z.string().max(200).optional() }),
        response: {
          200: {
            description: 'Events',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...problems,
        },
      },
      handler: (request, reply) => {
        const path = runs.pathOf(request.query.run)
        const seen = /^([\w-]+):(\d{1,15})$/.exec(request.headers['last-event-id'] ?? '')
        const from = seen ? { file: seen[1], offset: Number(seen[2]) } : request.query
        const end = () => stream.end()
        const stream = openEvents(request, reply, () => {
          follower.close()
          load.stopping.removeEventListener('abort', end)
        })
        const follower = new RunFollower(stream, {
          path: `${path}/metrics.jsonl`,
          ...{ offset: from.offset, file: from.file },
          isRunning: () => trainerOf(path) !== undefined,
          state: async () => (await summaryOf(path)).state,
        })
        load.stopping.addEventListener('abort', end, { once: true })
        void follower.start()
      },
    })

    server.route({
      method: 'POST',
      url: '/runs/stop',
      config,
      schema: {
        tags,
        summary: 'Ask the process that trains a run to save and end',
        body: z.strictObject(query),
        response: { 202: z.object({ run: z.string() }), ...problems },
      },
      handler: async ({ body }, reply) => {
        runs.stop(body.run)
        return reply.code(202).send({ run: body.run })
      },
    })

    server.route({
      method: 'GET',
      url: '/ablations/one',
      config,
      schema: {
        tags,
        summary: 'An ablation as it grows: its trials, and the table of those that are finished',
        querystring: z.strictObject({ path: place }),
        response: {
          200: z
            .object({
              path: z.string(),
              state: z.enum(['running', 'stopped']),
              trials: z.array(
                z.object({ entry: z.string(), seed: z.int(), run: z.string(), ...summary }),
              ),
              table: z.unknown().describe('results.json of the command, without its trials'),
            })
            .meta({ id: 'Ablation' }),
          ...problems,
        },
      },
      handler: async (request) => {
        const found = await ablationAt(workspace, request.query.path)
        const trials = found.trials.map((one) => ({ ...one, verification: [...one.verification] }))
        return { ...found, trials }
      },
    })
  }
