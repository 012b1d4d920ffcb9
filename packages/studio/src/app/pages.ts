import { type ComponentType, lazy } from 'react'
import type { Session } from '../session/session.js'
import { mayDo } from '../session/session.js'

export type PageName =
  | 'people'
  | 'recognize'
  | 'training'
  | 'evaluate'
  | 'curate'
  | 'geometry'
  | 'tasks'
  | 'keys'
  | 'audit'

export interface PageEntry {
  readonly name: PageName
  readonly path: string
  readonly Page: ComponentType
  /** Whether a session may see it. */
  readonly isFor: (session: Session) => boolean
}

const page = (
  name: PageName,
  load: () => Promise<{ default: ComponentType }>,
  isFor: PageEntry['isFor'],
): PageEntry => ({ name, path: `/${name}`, Page: lazy(load), isFor })

/** Who may look after the server as a whole. */
const admin = (session: Session) => mayDo(session, 'admin', true)

/** The pages, in the order of the way round; what is below a page's path is the page's. */
export const PAGES: readonly PageEntry[] = [
  page(
    'people',
    () => import('../pages/people/index.js'),
    (session) => mayDo(session, 'read'),
  ),
  page(
    'recognize',
    () => import('../pages/recognize/index.js'),
    // Who may not list the galleries has those of the key; a limit is chosen by a key that has scores, as who reads does.
    (session) =>
      mayDo(session, 'identify') &&
      (mayDo(session, 'read') || (session.key?.galleries != null && session.key.scores)),
  ),
  page('training', () => import('../pages/training/index.js'), admin),
  page('evaluate', () => import('../pages/evaluate/index.js'), admin),
  page('curate', () => import('../pages/curate/index.js'), admin),
  page(
    'geometry',
    () => import('../pages/geometry/index.js'),
    () => true,
  ),
  page('tasks', () => import('../pages/tasks/index.js'), admin),
  page('keys', () => import('../pages/keys/index.js'), admin),
  page('audit', () => import('../pages/audit/index.js'), admin),
]
