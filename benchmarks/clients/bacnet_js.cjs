// @bacnet-js/client, from npm. Run by benchmarks.reading; the line to it is described in channel.py.
'use strict'

const path = require('node:path')
const readline = require('node:readline')
const { createRequire } = require('node:module')

const load = createRequire(path.join(__dirname, '..', '.peers', 'package.json'))
const { default: Client, PropertyIdentifier, ObjectType } = load('@bacnet-js/client')

const task = JSON.parse(process.argv[2])
const client = new Client({ port: task.port, interface: '127.0.0.1', broadcastAddress: '127.255.255.255' })
const tell = (message) => process.stdout.write(JSON.stringify(message) + '\n')

function specifications() {
  const ids = [PropertyIdentifier.PRESENT_VALUE, ...(task.flags ? [PropertyIdentifier.STATUS_FLAGS] : [])]
  const properties = ids.map((id) => ({ id }))
  const made = []
  for (let first = 1; first <= task.objects; first += task.per_request) {
    const last = Math.min(first + task.per_request - 1, task.objects)
    const objects = Array.from({ length: last - first + 1 }, (_, at) => ({
      objectId: { type: ObjectType.ANALOG_INPUT, instance: first + at },
      properties,
    }))
    made.push(objects)
  }
  return made
}

const wanted = specifications()

async function read() {
  const results = []
  for (const objects of wanted) {
    const answer = await client.readPropertyMultiple({ address: task.server }, objects)
    results.push(...answer.values)
  }
  return results
}

async function turn(passes) {
  const began = process.hrtime.bigint()
  const cpu = process.cpuUsage()
  const results = []
  for (let pass = 0; pass < passes; pass++) results.push(await read())
  const took = Number(process.hrtime.bigint() - began) / 1e9
  const used = process.cpuUsage(cpu)
  return {
    seconds: took,
    cpu: (used.user + used.system) / 1e6,
    requests: wanted.length,
    values: results.map((objects) => objects.map((object) => object.values[0].value[0].value)),
  }
}

async function main() {
  await new Promise((resolve) => client.on('listening', resolve))
  await read()
  tell({ ready: wanted.length })
  for await (const line of readline.createInterface({ input: process.stdin })) {
    tell(await turn(JSON.parse(line).passes))
  }
  client.close()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
