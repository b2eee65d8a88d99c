// What to do about a sentence that does not say it itself, by words that stand in it; docs/operations.md has more.

const REMEDIES = [
  ["device silent", "look at the device, its power, its trunk and its address in the mapping; a longer tolerance if it is only slow."],
  ["value refused", "repair the point, or correct the mapping; the reason says which."],
  ["overload", "a longer interval, fewer points, or a faster device."],
  ["outbox full", "make room on the disk; what waits is kept and is being sent."],
  ["quota", "look why this meter's packets are not accepted; what waits is kept."],
  ["clock not credible", "set up time synchronisation, or look at the setting clock."],
  ["the clock is not credible", "set up time synchronisation, or look at the setting clock."],
  ["internal error", "report it, with the log's lines around it (bacnet-bridge support packs them)."],
  ["late:", "give the bridge its share of the processor; look at the machine's time service."],
  ["the clock departs from", "look at the machine's time service, or set clock: platform."],
  ["no slot was read since", "look at the log, the disk and the machine's load."],
  ["is away", "look at the way out (firewall, proxy, DNS): bacnet-bridge doctor tells which part fails. What is read waits."],
  ["its packets wait to be sent", "see the Delivery view for what the platform answered last."],
  ["cannot open BACnet port", "look at the network card, its address and other BACnet programs: bacnet-bridge doctor."],
  ["the BACnet address", "look at the card, its cable and DHCP; bacnet.address may name the interface, and is then followed to another address."],
  ["account ", "correct username or password; it is tried without a restart, but under systemd: there correct it in /etc/bacnet-bridge/secrets and give systemctl restart bacnet-bridge."],
  ["left out", "repair the points, or take them out of the mapping; the rest is sent."],
];

/** A sentence and its remedy, which is empty where the sentence says all. */
export function withRemedy(said) {
  return [said, REMEDIES.find(([words]) => said.includes(words))?.[1] ?? ""];
}
