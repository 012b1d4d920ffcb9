import { join } from 'node:path'
import { writeWhole } from '@arcface/files'
import { z } from 'zod'
import type { Workspace } from '../workspace/workspace.js'

/** What a kind makes its command of. */
export class TaskPlace {
  /**
   * @param workspace whose folder the command runs in
   * @param folder of the task, as a place: what the command writes by itself lies there
   */
  constructor(
    readonly workspace: Workspace,
    readonly folder: string,
  ) {}

  /** Something in the workspace. @throws ServerError SERVER_REQUEST, SERVER_MISSING */
  in(place: string, what: string): string {
    return this.workspace.argument(place, what)
  }

  /** Something that is to be made in the workspace. @throws ServerError SERVER_REQUEST */
  out(place: string, what: string): string {
    return this.workspace.newArgument(place, what)
  }

  /** A place, or a pack. @throws ServerError SERVER_REQUEST, SERVER_MISSING */
  model(model: string, what = 'model'): string {
    return this.workspace.modelArgument(model, what)
  }

  /** Something in the task's folder that the command makes. */
  own(name: string): string {
    return `${this.folder}/${name}`
  }

  /** A file in the task's folder that the command reads. @throws FilesError FILES_WRITE, FILES_DISK_FULL */
  write(name: string, text: string): string {
    writeWhole(join(this.workspace.folder, this.folder, name), text, { isPrivate: true })
    return this.own(name)
  }
}

/** A command that can be run as a task. */
export interface TaskKind {
  readonly kind: string
  /** As the OpenAPI has it. */
  readonly summary: string
  /** Of the request, `kind` among them. */
  readonly schema: z.ZodObject
  /**
   * The arguments behind `arcface`, `--json` among them.
   * @throws ServerError: a parameter is none that the command could be given
   */
  command(parameters: Readonly<Record<string, unknown>>, at: TaskPlace): string[]
}

/**
 * A kind of task: parameters of a request become the arguments of a command.
 * @param shape of the parameters, in zod: `place` and `model` of ../workspace/place.ts for what lies in the workspace
 * @param command puts paths through `at`, which keeps them in the workspace
 */
export function defineKind<Name extends string, Shape extends z.ZodRawShape>(
  kind: Name,
  summary: string,
  shape: Shape,
  command: (parameters: z.output<z.ZodObject<Shape>>, at: TaskPlace) => string[],
): TaskKind {
  const schema = z
    .strictObject({ kind: z.literal(kind), ...shape })
    .meta({ id: `Task_${kind}`, description: summary })
  return { kind, summary, schema: schema as unknown as z.ZodObject, command: command as never }
}

/** An option and its value, where there is one. */
export const option = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [name, String(value)]

/** An option without a value. */
export const flag = (name: string, isOn: boolean): string[] => (isOn ? [name] : [])
