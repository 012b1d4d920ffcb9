// The smallest page that names a face; models/ beside it is what `arcface models copy` laid there.
import { Recognizer } from '@arcface/browser'

const [name, known, unknown, answer] = document.querySelectorAll('input, output')
const recognizer = await Recognizer.open({ models: 'models/' }).catch((error) => {
  answer.value = error.message
  throw error
})
answer.value = 'Ready.'

const answers = (input, work) => {
  input.onchange = async () => {
    const [photo] = input.files
    if (photo) answer.value = await work(photo).catch((error) => error.message)
    input.value = '' // so that the same one can be chosen again
  }
}
answers(known, async (photo) => {
  await recognizer.enroll(photo, { person: name.value })
  return `${name.value} is known now, also after the page is closed.`
})
answers(unknown, async (photo) => {
  const faces = await recognizer.identify(photo)
  const names = faces.map(({ matches: [match], threshold, fpir }) =>
    match
      ? `${match.name}: ${match.similarity.toFixed(3)} above ${threshold.toFixed(3)}, FPIR ${fpir}`
      : 'a stranger',
  )
  return names.join('; ') || 'There is no face.'
})
