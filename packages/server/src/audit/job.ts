import type { Job } from '../jobs/jobs.js'

/** What the audit log is told of a job that has ended. @param model sha-256 of the one that decided */
export function jobFields({ given: { owner }, view }: Job, model: string) {
  const { result, problem, kind, ...told } = view
  // Of those that decide about faces.
  const { threshold, far, fpir, known } = Object(result) as Record<string, unknown>
  return {
    ...{ job: kind, ...told, key: owner },
    ...(problem && { code: problem.code }),
    ...(threshold !== undefined && { model, threshold, far, fpir, known }),
  }
}
