-- What Argo CD shows of an object of Grantor. The same for all its kinds; without libraries, as Argo CD gives none for strings.
local function of(conditions, wanted)
  for _, condition in ipairs(conditions) do
    if condition.type == wanted then return condition end
  end
end

local status = obj.status or {}
local conditions = status.conditions or {}
local ready = of(conditions, "Ready")
local message = ready and (ready.reason .. ": " .. ready.message) or "the controller has not seen the object yet"

if obj.metadata.deletionTimestamp then
  return { status = "Progressing", message = "it is being deleted, " .. message }
end
if not ready or status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = ready and "the controller has not seen this version of the object yet" or message }
end
if ready.reason == "Suspended" or (obj.spec and obj.spec.suspend) then
  return { status = "Suspended", message = message }
end
if ready.status == "True" then
  return { status = "Healthy", message = ready.message }
end
if of(conditions, "Stalled") then
  return { status = "Degraded", message = message }
end
return { status = "Progressing", message = message }
