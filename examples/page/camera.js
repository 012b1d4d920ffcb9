import '@arcface/browser/element'

const [camera, form, name, answer] = document.querySelectorAll(
  'arcface-camera, form, input, output',
)

form.onsubmit = async (event) => {
  event.preventDefault()
  const { photo } = await camera.capture() // waits until the picture is good
  await camera.recognizer.enroll(photo, { person: name.value })
  form.reset()
}

camera.addEventListener('identified', ({ detail: { identity } }) => {
  const { matches, threshold, fpir, searched } = identity
  const [match] = matches
  answer.value = match
    ? `${match.name}: ${match.similarity.toFixed(3)} above ${threshold.toFixed(3)}, FPIR ${fpir}`
    : `nobody of ${searched.people}`
})
