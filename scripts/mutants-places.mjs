// Owns what a mutant is: all the small wrong edits that one source file allows, each at one place, read off its
// syntax tree. Knows nothing of tests.

import { parseSync, Visitor } from 'vite'

const OTHER_OPERATORS = {
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+=': '-=',
  '-=': '+=',
  '++': '--',
  '--': '++',
}

const OTHER_METHODS = { max: 'min', min: 'max', some: 'every', every: 'some' }

/** As much of the code as fits beside its place. */
const SHOWN_MAX = 60

/**
 * All mutants of a text: `{ start, end, replace, what, line }`, of which the text from `start` to `end` is to be
 * replaced. In the order of their places.
 */
export function mutantsOf(file, text) {
  const { program, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`)
  const places = new Places(text)
  new Visitor(visitorsOf(places)).visit(program)
  return places.mutants.sort((a, b) => a.start - b.start || a.end - b.end)
}

/** The text with the mutant in it. */
export function withMutant(text, { start, end, replace }) {
  return text.slice(0, start) + replace + text.slice(end)
}

class Places {
  mutants = []
  #text
  #typesAround = 0

  constructor(text) {
    this.#text = text
  }

  of({ start, end }) {
    return this.#text.slice(start, end)
  }

  /** What is in a type runs nowhere. */
  enterType() {
    this.#typesAround++
  }

  leaveType() {
    this.#typesAround--
  }

  add({ start, end }, replace, what) {
    if (this.#typesAround > 0) return
    const line = this.#text.slice(0, start).split('\n').length
    this.mutants.push({ start, end, replace, what, line })
  }

  drop(node) {
    this.add(node, '{}', `dropped: ${short(this.of(node))}`)
  }

  /** An operator stands somewhere between its operands, perhaps beside a bracket. */
  swapOperator({ left, right, operator }) {
    const other = OTHER_OPERATORS[operator]
    if (other === undefined) return
    const start = left.end + this.#text.slice(left.end, right.start).indexOf(operator)
    this.add({ start, end: start + operator.length }, other, `${other} for ${operator}`)
  }

  negate(test) {
    if (test === null || test.type === 'Literal' || isNegation(test)) return
    this.add(test, `!(${this.of(test)})`, `negated: ${short(this.of(test))}`)
  }
}

function visitorsOf(places) {
  const negatesTest = ({ test }) => places.negate(test)
  return {
    TSLiteralType: () => places.enterType(),
    'TSLiteralType:exit': () => places.leaveType(),
    LogicalExpression(node) {
      const [left, right] = [places.of(node.left), places.of(node.right)]
      places.swapOperator(node)
      places.add(node, `(${right})`, `without its left operand: ${short(left)}`)
      places.add(node, `(${left})`, `without its right operand: ${short(right)}`)
    },
    BinaryExpression(node) {
      if (!isText(node.left) && !isText(node.right)) places.swapOperator(node)
    },
    AssignmentExpression: (node) => places.swapOperator(node),
    UpdateExpression({ start, end, operator, prefix, argument }) {
      const other = OTHER_OPERATORS[operator]
      const name = places.of(argument)
      places.add({ start, end }, prefix ? other + name : name + other, `${other} for ${operator}`)
    },
    UnaryExpression(node) {
      if (isNegation(node))
        places.add(
          node,
          `(${places.of(node.argument)})`,
          `without its !: ${short(places.of(node))}`,
        )
    },
    ConditionalExpression: negatesTest,
    WhileStatement: negatesTest,
    ForStatement: negatesTest,
    IfStatement(node) {
      negatesTest(node)
      if (node.alternate === null && leaves(node.consequent)) places.drop(node)
    },
    ExpressionStatement(node) {
      if (!isAssertion(node.expression)) places.drop(node)
    },
    CallExpression({ callee }) {
      const { name } = callee.property ?? {}
      const other = OTHER_METHODS[name]
      if (other !== undefined) places.add(callee.property, other, `${other} for ${name}`)
    },
    Literal(node) {
      if (typeof node.value === 'boolean')
        places.add(node, String(!node.value), `${!node.value} for ${node.value}`)
      if (typeof node.value !== 'number') return
      for (const other of [node.value + 1, node.value - 1])
        places.add(node, `(${other})`, `${other} for ${node.raw}`)
    },
  }
}

function isNegation({ type, operator }) {
  return type === 'UnaryExpression' && operator === '!'
}

/** Texts are put together with `+`, and have no other operator. */
function isText({ type, value }) {
  return type === 'TemplateLiteral' || typeof value === 'string'
}

/** What asserts says nothing as long as the code is right. */
function isAssertion({ type, callee }) {
  return type === 'CallExpression' && callee.name === 'assert'
}

/** Whether this branch, once taken, is the end of what is around it. */
function leaves(statement) {
  const last = statement.type === 'BlockStatement' ? statement.body.at(-1) : statement
  return ['ReturnStatement', 'ContinueStatement', 'BreakStatement'].includes(last?.type)
}

function short(text) {
  const line = text.replace(/\s+/g, ' ')
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line
}
