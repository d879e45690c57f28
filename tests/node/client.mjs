// A caller in another language: node client.mjs HOST:PORT proto|reflection PROTO_FOLDER < case.json
//
// Knows the protos (from the folder, or from the server's reflection) and nothing else. Clears the case, watches a stream,
// sends a wrong case and reads the violations; prints one JSON object.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import protobuf from "protobufjs";

const [address, way, folder] = process.argv.slice(2);
const HERE = dirname(fileURLToPath(import.meta.url));
const OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: false, arrays: true };
const details = protobuf.loadSync(join(HERE, "details.proto"));
const message = (name) => details.lookupType(`details.${name}`);
const credentials = grpc.credentials.createInsecure();

function varint(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

// A FileDescriptorSet from what reflection sends: files that one symbol needs, each asked for by name until none is new.
async function reflected(symbol) {
  const request = message("ReflectionRequest"), response = message("ReflectionResponse");
  const Reflection = grpc.makeGenericClientConstructor({
    Info: {
      path: "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      requestStream: true,
      responseStream: true,
      requestSerialize: (asked) => Buffer.from(request.encode(asked).finish()),
      responseDeserialize: (bytes) => response.decode(bytes),
    },
  });
  const client = new Reflection(address, credentials);
  const call = client.Info();
  const files = await new Promise((resolve, reject) => {
    call.on("data", (answer) => resolve(answer.fileDescriptorResponse.fileDescriptorProto));
    call.on("error", reject);
    call.write({ fileContainingSymbol: symbol });
  });
  call.end();
  client.close();
  return Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a]), varint(file.length), Buffer.from(file)]));
}

const SYMBOL = "clearing.v1.ClearingService";
const definition = way === "proto"
  ? loader.loadSync("clearing/v1/clearing_service.proto", { ...OPTIONS, includeDirs: [folder] })
  : loader.loadFileDescriptorSetFromBuffer(await reflected(SYMBOL), OPTIONS);
const { ClearingService } = grpc.loadPackageDefinition(definition).clearing.v1;
const client = new ClearingService(address, credentials);
const deadline = () => new Date(Date.now() + 60_000);

const unary = (method, request) =>
  new Promise((resolve) => client[method](request, { deadline: deadline() }, (error, reply) => resolve({ error, reply })));

function violations(error) {
  const [packed] = error.metadata.get("grpc-status-details-bin");
  const status = message("Status").decode(packed);
  return status.details
    .filter((any) => any.typeUrl.endsWith("google.rpc.BadRequest"))
    .flatMap((any) => message("BadRequest").decode(any.value).fieldViolations)
    .map(({ field, reason, description }) => ({ field, reason, description }));
}

const market = JSON.parse(readFileSync(0, "utf8"));
const { error, reply } = await unary("ClearDayAhead", { case: market, idempotency_id: "from node" });
if (error) throw error;

const events = [];
await new Promise((resolve, reject) => {
  const stream = client.StreamClearDayAhead({ request: { case: market } }, { deadline: deadline() });
  stream.on("data", (event) => events.push(Object.keys(event)[0]));
  stream.on("error", reject);
  stream.on("end", resolve);
});

const wrong = structuredClone(market);
wrong.units.p_max_mw[0] = NaN;
wrong.units.p_min_mw[1] = -5;
const refused = await unary("ClearDayAhead", { case: wrong });
client.close();
console.log(JSON.stringify({
  objective: reply.result.termination.objective,
  reason: reply.result.termination.reason,
  system_price: reply.result.public_result.prices.system_price,
  audit_passed: reply.result.audit.passed,
  echoed: reply.run_info.idempotency_id,
  events,
  code: refused.error.code,
  request_id: String(refused.error.metadata.get("clearing-request-id")[0] ?? ""),
  violations: violations(refused.error),
}));
