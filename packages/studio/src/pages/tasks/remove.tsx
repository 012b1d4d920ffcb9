import { useQueryClient } from '@tanstack/react-query'
import { api, data } from '../../api/client.js'
import { useWords } from '../../language/language.js'
import type { ListedTask } from '../../tasks/task.js'
import { ConfirmDialog } from '../../ui/dialog.js'
import { useKindName } from './use-kind.js'
import { words } from './words.js'

/** Asks before the files of a task that has ended are removed. */
export function RemoveTask({
  task,
  onClose,
  onRemoved,
}: {
  task: ListedTask
  onClose(): void
  onRemoved?: () => void
}) {
  const t = useWords(words)
  const nameOf = useKindName()
  const queries = useQueryClient()
  const remove = async () => {
    await data(api.DELETE('/v1/tasks/{task}', { params: { path: { task: task.id } } }))
    await queries.invalidateQueries({ queryKey: ['tasks'] })
    onRemoved?.()
  }
  return (
    <ConfirmDialog open title={t.removeTitle} action={t.remove} onConfirm={remove} {...{ onClose }}>
      <p>{nameOf(task.kind)}</p>
      <p>{t.removeTold(task.folder)}</p>
    </ConfirmDialog>
  )
}
