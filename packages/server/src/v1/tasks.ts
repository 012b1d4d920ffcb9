import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { ServerError } from '../errors.js'
import { openEvents } from '../http/events.js'
import { checkAllGalleries, principalOf } from '../keys/principal.js'
import { KINDS } from '../tasks/kinds/index.js'
import { progressSchema, readLog, taskProblem } from '../tasks/log.js'
import { STATES } from '../tasks/record.js'
import type { Task } from '../tasks/task.js'
import { done, problems } from './schemas.js'

const tags = ['tasks']
const config = { scope: 'admin' } as const

const listed = z.object({
  id: z.string(),
  kind: z.string(),
  parameters: z.record(z.string(), z.unknown()).describe('As they were asked for'),
  state: z.enum(STATES).describe('lost: it ended while no server looked, and did not say how'),
  command: z.array(z.string()).describe('As one would type it in the folder of the workspace'),
  created: z.iso.datetime(),
  started: z.iso.datetime().nullable(),
  ended: z.iso.datetime().nullable(),
  progress: progressSchema.nullable(),
  problem: taskProblem.nullable(),
  log: z.int().describe('Bytes of its log'),
  folder: z.string().describe('Its files, in the workspace'),
})
const task = listed
  .extend({ result: z.unknown().describe('The JSON that the command put out, when it has ended') })
  .meta({ id: 'Task' })
const listedTask = listed.meta({ id: 'ListedTask' })

const params = z.object({ task: z.string().describe('Its id') })

/** Commands as processes of their own, which go on when the request, the page and the server are gone. */
export const tasks =
  ({ tasks, load }: App): FastifyPluginAsyncZod =>
  async (server) => {
    server.addHook('preHandler', async (request) => {
      checkAllGalleries(principalOf(request))
      await tasks.open()
    })

    const viewOf = (one: Task) => {
      const { arguments: args, process: _p, cancelled: _c, ...record } = one.record
      return {
        ...{ ...record, command: ['arcface', ...args] },
        ...{ log: one.log.bytes, folder: tasks.folderOf(one) },
      }
    }
    const wholeOf = async (one: Task) => ({ ...viewOf(one), result: await tasks.result(one) })
    /** @throws ServerError SERVER_TASK */
    const taskOf = ({ params }: { params: { task: string } }): Task => {
      const found = tasks.get(params.task)
      if (found) return found
      throw new ServerError('SERVER_TASK', 'there is no task of this id')
    }

    server.route({
      method: 'POST',
      url: '/tasks',
      config,
      schema: {
        tags,
        summary: 'Run a command of arcface in the workspace, as soon as there is room',
        body: z.discriminatedUnion('kind', KINDS.map(({ schema }) => schema) as never),
        response: { 202: task, ...problems },
      },
      handler: async (request, reply) => {
        const parameters = request.body as Readonly<Record<string, unknown>>
        const kind = KINDS.find((one) => one.kind === parameters.kind)!
        const started = tasks.add(kind, parameters)
        return reply.code(202).send(await wholeOf(started))
      },
    })

    server.route({
      method: 'GET',
      url: '/tasks',
      config,
      schema: {
        tags,
        summary: 'All tasks of the workspace, the latest first',
        response: { 200: z.object({ tasks: z.array(listedTask) }), ...problems },
      },
      handler: async () => ({ tasks: tasks.list().map(viewOf) }),
    })

    server.route({
      method: 'GET',
      url: '/tasks/:task',
      config,
      schema: {
        tags,
        summary: 'A task, and what its command put out',
        params,
        response: { 200: task, ...problems },
      },
      handler: async (request) => wholeOf(taskOf(request)),
    })

    server.route({
      method: 'GET',
      url: '/tasks/:task/log',
      config,
      schema: {
        tags,
        summary: 'What a command said, from a byte of its log on',
        params,
        querystring: z.strictObject({
          offset: z.coerce
            .number()
            .int()
            .default(0)
            .describe('Where to begin; below 0: so many bytes before the end'),
        }),
        response: {
          200: z.object({
            text: z.string().describe('Whole lines'),
            offset: z.int(),
            next: z.int().describe('Where to go on'),
            bytes: z.int().describe('Of the whole log'),
          }),
          ...problems,
        },
      },
      handler: async (request) => readLog(taskOf(request).log.path, request.query.offset),
    })

    server.route({
      method: 'GET',
      url: '/tasks/:task/events',
      config,
      schema: {
        tags,
        summary: 'A task as it changes, as server-sent events, until it has ended',
        params,
        response: {
          200: {
            description: 'Events named by the state; data: the task without its result',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...problems,
        },
      },
      handler: (request, reply) => {
        followTask(taskOf(request), request, reply)
      },
    })

    server.route({
      method: 'DELETE',
      url: '/tasks/:task',
      config,
      schema: {
        tags,
        summary: 'End a task, which saves what it has done; of an ended one remove all its files',
        description: 'Asked again of one that has not ended yet, ends it at once.',
        params,
        response: { 200: task, 204: done, ...problems },
      },
      handler: async (request, reply) => {
        const found = taskOf(request)
        if (found.isOver) {
          tasks.remove(found)
          return reply.code(204).send(null)
        }
        found.cancel()
        return wholeOf(found)
      },
    })

    function followTask(
      one: Task,
      request: FastifyRequest,
      reply: Parameters<typeof openEvents>[1],
    ): void {
      const { stopping } = load
      const tell = () => {
        // Who does not read gets the next state instead of all.
        if (stream.isFull && !one.isOver) return
        stream.send(one.state, viewOf(one))
        if (one.isOver) stream.end()
      }
      const end = () => stream.end()
      const stream = openEvents(request, reply, () => {
        one.off('change', tell)
        stopping.removeEventListener('abort', end)
      })
      one.on('change', tell)
      stopping.addEventListener('abort', end, { once: true })
      tell()
    }
  }
