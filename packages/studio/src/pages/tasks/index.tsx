import { useRoute } from 'wouter'
import { TaskList } from './list.js'
import { OneTask } from './one.js'

/** Commands that the server runs, and what became of them. */
export default function Tasks() {
  const [isOne, params] = useRoute('/tasks/:task')
  return isOne ? <OneTask key={params.task} id={params.task} /> : <TaskList />
}
