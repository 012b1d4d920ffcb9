import type { Size, View } from './view.js'

const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 middle;
uniform vec2 scale;
uniform float diameter;
out vec4 shade;
void main() {
  gl_Position = vec4((place - middle) * scale, 0, 1);
  gl_PointSize = diameter;
  shade = colour;
}`

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 shade;
out vec4 result;
void main() {
  vec2 from = gl_PointCoord - 0.5;
  if (dot(from, from) > 0.25) discard;
  result = shade;
}`

/** Points as discs, in one call of the graphics card however many they are. */
export class Scatter {
  readonly #gl: WebGL2RenderingContext
  readonly #program: WebGLProgram
  readonly #places: WebGLBuffer
  readonly #colours: WebGLBuffer
  #count = 0

  /** @throws TypeError where there is no WebGL 2 */
  constructor(private readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext('webgl2', { antialias: false, alpha: true })
    if (!gl) throw new TypeError('no WebGL 2')
    this.#gl = gl
    this.#program = gl.createProgram()
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(type)!
      gl.shaderSource(shader, source)
      gl.compileShader(shader)
      gl.attachShader(this.#program, shader)
    }
    gl.linkProgram(this.#program)
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's, no hook of React
    gl.useProgram(this.#program)
    this.#places = this.#attribute('place', 2, gl.FLOAT)
    this.#colours = this.#attribute('colour', 4, gl.UNSIGNED_BYTE)
  }

  #attribute(name: string, size: number, type: number): WebGLBuffer {
    const gl = this.#gl
    const buffer = gl.createBuffer()
    const at = gl.getAttribLocation(this.#program, name)
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
    gl.enableVertexAttribArray(at)
    gl.vertexAttribPointer(at, size, type, type === gl.UNSIGNED_BYTE, 0, 0)
    return buffer
  }

  /** @param places rows of two numbers @param colours rows of red, green, blue and opacity */
  setPoints(places: Float32Array<ArrayBuffer>, colours: Uint8Array<ArrayBuffer>): void {
    const gl = this.#gl
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#places)
    gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#colours)
    gl.bufferData(gl.ARRAY_BUFFER, colours, gl.STATIC_DRAW)
    this.#count = places.length / 2
  }

  /** @param ratio pixels of the screen a CSS pixel @param diameter of a point, CSS pixels */
  draw(view: View, { width, height }: Size, ratio: number, diameter: number): void {
    const gl = this.#gl
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w
      this.canvas.height = h
    }
    gl.viewport(0, 0, w, h)
    const uniform = (name: string) => gl.getUniformLocation(this.#program, name)
    gl.uniform2f(uniform('middle'), view.x, view.y)
    gl.uniform2f(uniform('scale'), (2 * view.scale) / width, (2 * view.scale) / height)
    gl.uniform1f(uniform('diameter'), diameter * ratio)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.drawArrays(gl.POINTS, 0, this.#count)
  }

  /** Gives the memory of the graphics card back; the canvas can be drawn on again by another. */
  close(): void {
    const gl = this.#gl
    gl.deleteBuffer(this.#places)
    gl.deleteBuffer(this.#colours)
    gl.deleteProgram(this.#program)
  }
}
