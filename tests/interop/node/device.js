'use strict'
// Two small BACnet devices on @bacnet-js/client, for the interop tests: its calls can also answer.
//
//   node device.js OBJECTS PLAIN SINGLE
//
// takes how many analog inputs each has and two ports, prints the ports once it listens, and ends when its standard
// input does.
//
// `plain` answers ReadPropertyMultiple and tells changes, `single` does neither. The library neither segments nor limits its answers: what
// would not fit into one APDU is refused here, with the error that it has for it (its API has no abort).

const Client = require('@bacnet-js/client').default
const { ApplicationTag: Tag, ErrorClass, ErrorCode, Segmentation } = require('@bacnet-js/client')

const OBJECTS = Number(process.argv[2])
const INSTANCES = { plain: 3002, single: 3003 }
const DEVICE = 8
const WHOLE = 0xffffffff // no array index
const MOVING = '2:2'
const ROOM = 1400 // octets of an answer, cautiously
const [OBJECT_IDENTIFIER, OBJECT_LIST, OBJECT_NAME, PRESENT_VALUE, STATUS_FLAGS, UNITS, MAX_APDU] = [75, 76, 77, 85, 111, 117, 62]

const real = (value) => [{ type: Tag.REAL, value }]
const unsigned = (value) => [{ type: Tag.UNSIGNED_INTEGER, value }]
const enumerated = (value) => [{ type: Tag.ENUMERATED, value }]
const text = (value) => [{ type: Tag.CHARACTER_STRING, value }]
const id = (type, instance) => ({ type: Tag.OBJECTIDENTIFIER, value: { type, instance } })
const flags = [{ type: Tag.BIT_STRING, value: { bitsUsed: 4, value: [0x04] } }] // bits from the lowest: overridden

function object(type, instance, name, value, more = {}) {
    const properties = { [OBJECT_NAME]: text(name), [PRESENT_VALUE]: value, [STATUS_FLAGS]: flags, ...more }
    return [`${type}:${instance}`, { [OBJECT_IDENTIFIER]: [id(type, instance)], ...properties }]
}

function objectsOf(instance) {
    const objects = new Map()
    for (let number = 1; number <= OBJECTS; number++) {
        objects.set(...object(0, number, `Power ${number}`, real(number + 0.25), { [UNITS]: enumerated(48) }))
    }
    objects.set(...object(46, 1, 'Energy', [{ type: Tag.DOUBLE, value: 123456789.0125 }], { [UNITS]: enumerated(19) }))
    objects.set(...object(2, 2, 'Moving', real(0), { [UNITS]: enumerated(48) }))
    objects.set(...object(3, 1, 'Fan', enumerated(1), { 81: [{ type: Tag.BOOLEAN, value: true }] }))
    objects.set(...object(48, 1, 'Count', unsigned(4294967295)))
    objects.set(...object(45, 1, 'Level', [{ type: Tag.SIGNED_INTEGER, value: -40000 }]))
    objects.set(...object(40, 1, 'Grüße', text('Größe µ')))
    objects.set(...object(47, 1, 'Octets', [{ type: Tag.OCTET_STRING, value: [1, 2, 3] }]))
    objects.set(...object(42, 1, 'Day', [{ type: Tag.DATE, value: new Date(2024, 1, 29) }]))
    objects.set(...object(2, 1, 'Setpoint', [{ type: Tag.NULL, value: null }]))
    const list = [id(DEVICE, instance), ...[...objects.keys()].map((key) => id(...key.split(':').map(Number)))]
    objects.set(`${DEVICE}:${instance}`, {
        [OBJECT_IDENTIFIER]: [id(DEVICE, instance)],
        [OBJECT_NAME]: text('bacnet-js'),
        [OBJECT_LIST]: list,
        [MAX_APDU]: unsigned(1476),
    })
    return objects
}

// The values of one property, or the number of the error.
function read(objects, instance, { type, instance: wanted }, property) {
    const key = type === DEVICE && wanted === 4194303 ? `${DEVICE}:${instance}` : `${type}:${wanted}`
    if (!objects.has(key)) return ErrorCode.UNKNOWN_OBJECT
    const values = objects.get(key)[property.id]
    if (values === undefined) return ErrorCode.UNKNOWN_PROPERTY
    if (property.index === WHOLE) return values
    if (property.id !== OBJECT_LIST) return ErrorCode.PROPERTY_IS_NOT_AN_ARRAY
    if (property.index === 0) return unsigned(values.length)
    return property.index > values.length ? ErrorCode.INVALID_ARRAY_INDEX : [values[property.index - 1]]
}

const classOf = (code) => (code === ErrorCode.UNKNOWN_OBJECT ? ErrorClass.OBJECT : ErrorClass.PROPERTY)
const octets = (values) => values.reduce((sum, each) => sum + (each.type === Tag.CHARACTER_STRING ? 4 + 2 * each.value.length : 9), 20)

function answerMultiple(device, objects, instance, { header, invokeId, service, payload }) {
    let size = 0
    const results = payload.properties.map(({ objectId, properties }) => ({
        objectId,
        values: properties.map((property) => {
            const found = read(objects, instance, objectId, property)
            size += Array.isArray(found) ? octets(found) : 20
            if (Array.isArray(found)) return { property, value: found }
            const error = { type: 'BacnetError', errorClass: classOf(found), errorCode: found }
            return { property, value: [{ type: 0, value: error }] }
        }),
    }))
    if (size > ROOM) tooLong(device, header, service, invokeId)
    else device.readPropertyMultipleResponse(header.sender, invokeId, results)
}

function tooLong(device, header, service, invokeId) {
    device.errorResponse(header.sender, service, invokeId, ErrorClass.COMMUNICATION, ErrorCode.ABORT_BUFFER_OVERFLOW)
}

// Tells every subscriber at once, and whenever the object changes; a confirmed one that is not answered is not repeated.
function tell(device, objects, instance, { header, key, process, confirmed, until }) {
    const [type, number] = key.split(':').map(Number)
    const values = [PRESENT_VALUE, STATUS_FLAGS].map((id) => ({ property: { id }, value: objects.get(key)[id] }))
    const remaining = Math.max(0, Math.floor((until - Date.now()) / 1000))
    if (!confirmed) device.unconfirmedCOVNotification(header.sender, process, instance, { type, instance: number }, remaining, values)
    else device.confirmedCOVNotification(header.sender, { type, instance: number }, process, instance, remaining, values).catch(() => {})
}

function tellChanges(device, objects, instance) {
    const subscribers = new Map()
    device.on('subscribeCov', ({ header, invokeId, service, payload }) => {
        const { subscriberProcessId: process, monitoredObjectId, issueConfirmedNotifications: confirmed, lifetime } = payload
        const key = `${monitoredObjectId.type}:${monitoredObjectId.instance}`
        const name = `${header.sender.address} ${process} ${key}`
        if (!objects.has(key)) {
            device.errorResponse(header.sender, service, invokeId, ErrorClass.OBJECT, ErrorCode.UNKNOWN_OBJECT)
            return
        }
        device.simpleAckResponse(header.sender, service, invokeId)
        subscribers.delete(name)
        if (payload.cancellationRequest) return
        subscribers.set(name, { header, key, process, confirmed, until: Date.now() + lifetime * 1000 })
        tell(device, objects, instance, subscribers.get(name))
    })
    let moved = 0
    setInterval(() => {
        objects.get(MOVING)[PRESENT_VALUE] = real(++moved)
        for (const each of subscribers.values()) if (each.key === MOVING) tell(device, objects, instance, each)
    }, 500)
}

function start(kind) {
    const instance = INSTANCES[kind]
    const objects = objectsOf(instance)
    const device = new Client({ port: PORTS[kind], interface: '127.0.0.1', broadcastAddress: '127.255.255.255', reuseAddr: false })
    device.on('error', (error) => { console.error(error); process.exit(1) })
    device.on('whoIs', ({ header, payload }) => {
        const { lowLimit = 0, highLimit = 4194303 } = payload
        if (lowLimit <= instance && instance <= highLimit) {
            device.iAmResponse(header.sender, instance, Segmentation.NO_SEGMENTATION, 999)
        }
    })
    device.on('readProperty', ({ header, service, invokeId, payload: { objectId, property } }) => {
        const found = read(objects, instance, objectId, property)
        if (!Array.isArray(found)) device.errorResponse(header.sender, service, invokeId, classOf(found), found)
        else if (octets(found) > ROOM) tooLong(device, header, service, invokeId)
        else device.readPropertyResponse(header.sender, invokeId, objectId, property, found)
    })
    // Without this listener the library itself refuses the service.
    if (kind === 'plain') {
        device.on('readPropertyMultiple', (content) => answerMultiple(device, objects, instance, content))
        tellChanges(device, objects, instance)
    }
    return new Promise((resolve) => device.on('listening', resolve))
}

const PORTS = { plain: Number(process.argv[3]), single: Number(process.argv[4]) }
Promise.all(Object.keys(PORTS).map(start)).then(() => console.log(JSON.stringify(PORTS)))
process.stdin.on('end', () => process.exit(0)).resume()
