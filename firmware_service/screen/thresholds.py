"""Every clinical and quality number, with its unit, source and the version that introduced it.

`measure` stands below this module and never imports it: the numbers reach it as arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from firmware_service.measure.asymmetry import MovementGates
from firmware_service.measure.clip import ClipGates
from firmware_service.measure.droop import DroopScale
from firmware_service.measure.events import EventGates
from firmware_service.measure.function import FunctionGates
from firmware_service.measure.quality import QualityGates
from firmware_service.measure.speech import SpeechGates
from firmware_service.measure.window import FaceGates
from firmware_service.types import Region

THRESHOLDS_VERSION = "0.2.0"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number: `value` in `unit`, where it comes from, and since which version it holds."""

    value: float
    unit: str
    source: str
    since: str


MAX_YAW = Threshold(10.0, "degree", "measured: the mesh under-reports yaw by a quarter", "0.1.0")
MAX_PITCH = Threshold(12.0, "degree", "measured on warped faces with known truth", "0.1.0")
MIN_IRIS = Threshold(8.0, "pixel of iris diameter", "measured on scaled faces", "0.1.0")
MIN_LUMA = Threshold(50.0, "grey level, mean over the face", "measured: darkness halves", "0.1.0")
IRIS_DIAMETER = Threshold(11.7, "mm", "horizontal visible iris diameter, 11.7 ± 0.5 mm", "0.1.0")
MIN_EXCURSION = Threshold(
    3.0, "mm of the better side", "below it a smile or brow raise was not performed", "0.1.0"
)

# The face item: the mouth decides, forehead and lids are only remarked on.
MOUTH_REST_DIFFERENCE = Threshold(
    3.0,
    "mm of corner height between the sides at rest",
    "2 % of healthy faces ≥ 2.5 mm at rest (Mathis 2018); measured with the region refiners: none "
    "of 59 healthy faces reaches 3.0 mm, one 2.75 mm; others see it from 3 mm (Aesthet Surg J "
    "2017); the droop score of one picture is 0.5 at the same 3 mm",
    "0.2.0",
)
MOUTH_SMILE_DIFFERENCE = Threshold(
    3.0,
    "mm of movement between the sides on smiling",
    "seen by others from 3 mm (Aesthet Surg J 2017); own rest-to-smile change needs about 3 mm",
    "0.1.0",
)
MOUTH_SMILE_LOSS = Threshold(
    0.3,
    "fraction of the better side's movement that is missing, 1 − smile ratio",
    "L ≥ 0.3 of the central/peripheral rule; keeps a wide healthy smile from counting",
    "0.1.0",
)
SMALL_SMILE_DIFFERENCE = Threshold(
    2.0,
    "mm of movement between the sides on smiling, when half is missing",
    "chosen: a faint smile of 4 mm that lacks half cannot reach 3 mm",
    "0.1.0",
)
SMALL_SMILE_LOSS = Threshold(
    0.5, "fraction of the better side's movement that is missing", "chosen, as above", "0.1.0"
)
MOUTH_UNCERTAINTY = Threshold(
    2.7,
    "mm, half width of the 95 % limits of agreement of a left–right difference",
    "measured: attention mesh on warped faces with known truth",
    "0.1.0",
)
SCORE_STEEPNESS = Threshold(
    3.0,
    "logits for each multiple of the threshold",
    "chosen: 0.5 at the threshold, 0.95 at twice of it (6 mm: 90 % of palsies, 5 % of others)",
    "0.1.0",
)
UPPER_FACE_LOSS = Threshold(
    0.3,
    "fraction of the other side's brow raise or lid closure that is missing, U",
    "U ≥ 0.3 and U ≥ 0.7 L: peripheral-like",
    "0.1.0",
)
UPPER_TO_LOWER = Threshold(0.7, "U over L", "from this ratio on peripheral-like", "0.1.0")
UPPER_FACE_DIFFERENCE = Threshold(
    3.0,
    "mm less brow raise or lid closure than the other side",
    "people notice a brow from 3.5 mm (Aesthet Surg J 2017), the measure's error is 2–3 mm: a "
    "small movement's ratio alone is noise",
    "0.2.0",
)
SPARED_TO_LOWER = Threshold(0.5, "U over L", "up to this ratio central-like", "0.1.0")

# Clinical grades as estimates (screen/grading.py); none of them decides a level.
LID_UNCERTAINTY = Threshold(
    2.0,
    "mm, half width of the 95 % limits",
    "chosen: three quarters of the mouth's, lids move in one direction",
    "0.2.0",
)
BROW_UNCERTAINTY = Threshold(
    2.7, "mm, half width of the 95 % limits", "chosen, as for the mouth", "0.2.0"
)
_TWO_LOOKS = 2**0.5
DETECTABLE_CHANGE_MM = {
    Region.MOUTH: _TWO_LOOKS * MOUTH_UNCERTAINTY.value,
    Region.EYE: _TWO_LOOKS * LID_UNCERTAINTY.value,
    Region.BROW: _TWO_LOOKS * BROW_UNCERTAINTY.value,
    Region.NOSE: _TWO_LOOKS * MOUTH_UNCERTAINTY.value,
}
"""The least change between two screens: both looks err, so √2 times one look's 95 % limits."""
NEARLY_TOTAL_LOSS = Threshold(
    0.8,
    "fraction of the movement",
    "chosen: NIHSS item 4, 'total or near-total paralysis'",
    "0.2.0",
)
NARROWING_HEALTHY = Threshold(0.216, "of the lid opening", "healthy smile, 21.6 ± 13.4 %", "0.2.0")
NARROWING_SYNKINETIC = Threshold(
    0.327, "of the lid opening", "smile with synkinesis, 32.7 ± 13.7 %", "0.2.0"
)
PUCKER_HEALTHY = Threshold(0.017, "of the lid opening", "healthy pucker, 1.7 %", "0.2.0")
PUCKER_SYNKINETIC = Threshold(0.30, "of the lid opening", "synkinetic pucker, 30 %", "0.2.0")
CLOSING_MOUTH_HEALTHY = Threshold(
    1.4, "mm of the mouth corner", "chosen: 3.9 mm less its own spread of 2.5 mm", "0.2.0"
)
CLOSING_MOUTH_SYNKINETIC = Threshold(
    3.9, "mm of the mouth corner", "eyes closed in synkinesis, 3.9 ± 2.5 mm", "0.2.0"
)

# One picture of a face (measure/quality.py, measure/cover.py).
MIN_SHARPNESS = Threshold(
    0.045,
    "variance of the Laplacian over that of the face, at 96 px a face",
    "measured on 60 London faces: blur of σ 1.5 mm leaves 0.08, of 2 mm 0.045",
    "0.1.0",
)
MAX_NOISE = Threshold(
    15.0, "grey level, SD", "measured: from 20 on the lips can no longer be told", "0.1.0"
)
MIN_LIP_EVIDENCE = Threshold(
    0.25,
    "grey-level range across the lips, redness and paleness, summed",
    "measured on 75 faces and 16 clips: a mouth 0.27 (2 %) and more, masks and a hand up to 0.20",
    "0.1.0",
)
MIN_EYE_STRUCTURE = Threshold(
    0.28,
    "grey-level range across the eye over the skin's level",
    "measured on the same: open or closed eyes 0.31 and more, nine of ten covers below 0.26",
    "0.1.0",
)

# A window of frames (measure/window.py, measure/asymmetry.py).
MIN_FRAMES = Threshold(8.0, "frame", "chosen: a median of 8 halves the jitter of a frame", "0.1.0")
MIN_FRACTION = Threshold(
    0.3, "of the window's frames", "chosen: a third of 5 s holds the movement", "0.1.0"
)
MIN_BROW_RAISE = Threshold(
    2.0, "mm of the better side", "the mesh shows 0.60 of a brow raise: 3 mm read as 1.8", "0.1.0"
)
MIN_ALA_MOVE = Threshold(
    1.0, "mm of the better side", "measured: 60 adults' alae move 2.0 mm on smiling", "0.1.0"
)
MIN_CLOSURE = Threshold(
    0.5, "of the resting opening, better eye", "measured: blinks in 9 clips close 0.6–1", "0.1.0"
)
HOLD = Threshold(0.75, "of the movement's 95th percentile", "chosen", "0.1.0")
INDEX_FLOOR = Threshold(
    2.0, "mm, both sides together", "chosen: below it an index is noise over noise", "0.1.0"
)
TREND_BLOCK = Threshold(0.5, "s", "frames are autocorrelated by 0.70–0.94", "0.1.0")
FROZEN = Threshold(1.0, "s without any landmark moving", "chosen: noise moves them", "0.1.0")
FOCAL = Threshold(0.85, "of the picture's longer side", "assumed: a camera of 61° across", "0.1.0")

QUALITY_GATES = QualityGates(
    max_yaw_deg=MAX_YAW.value,
    max_pitch_deg=MAX_PITCH.value,
    min_iris_px=MIN_IRIS.value,
    min_luma=MIN_LUMA.value,
    min_sharpness=MIN_SHARPNESS.value,
    max_noise=MAX_NOISE.value,
    min_lip_evidence=MIN_LIP_EVIDENCE.value,
    min_eye_structure=MIN_EYE_STRUCTURE.value,
)
FACE_GATES = FaceGates(
    movement=MovementGates(
        min_smile_mm=MIN_EXCURSION.value,
        min_brow_mm=MIN_BROW_RAISE.value,
        min_ala_mm=MIN_ALA_MOVE.value,
        min_closure=MIN_CLOSURE.value,
        hold=HOLD.value,
        index_floor_mm=INDEX_FLOOR.value,
    ),
    min_frames=int(MIN_FRAMES.value),
    min_fraction=MIN_FRACTION.value,
    block_s=TREND_BLOCK.value,
    frozen_s=FROZEN.value,
    iris_mm=IRIS_DIAMETER.value,
    focal=FOCAL.value,
)

# How a movement was done (measure/function.py).
ONSET = Threshold(0.2, "of a side's own reach", "chosen: above the jitter of rest", "0.2.0")
LAG_RATE = Threshold(
    29.0, "frame/s", "a lag of a few frames needs ≥ 30 frames/s, less the clock's error", "0.2.0"
)
LAG_REACH = Threshold(1.5, "mm", "chosen: a side that hardly moves has no onset", "0.2.0")
SPEED_SPAN = Threshold(0.1, "s", "chosen: 3 frames of 30 a second", "0.2.0")

FUNCTION_GATES = FunctionGates(
    onset=ONSET.value,
    min_rate_hz=LAG_RATE.value,
    min_side_mm=LAG_REACH.value,
    speed_s=SPEED_SPAN.value,
)

# The phrase (measure/speech.py).
SPEECH_PROBABILITY = Threshold(0.5, "probability", "silero VAD's own default", "0.1.0")
SILENCE_PROBABILITY = Threshold(0.35, "probability", "silero VAD's own default", "0.1.0")
MIN_PAUSE = Threshold(0.25, "s", "pauses of 0.25 s and more (Goldman-Eisler 1968)", "0.1.0")
MIN_SPEECH = Threshold(
    0.6, "s of speech", "measured: a shorter phrase cannot be judged (SPEECH.md)", "0.1.0"
)
CLIP_LEVEL = Threshold(0.985, "of full scale", "chosen", "0.1.0")
MAX_CLIPPED = Threshold(0.005, "of the samples", "measured: gate of the speech study", "0.1.0")
MIN_SNR = Threshold(0.0, "dB, 100–7600 Hz", "measured: gate of the speech study", "0.1.0")
MAX_NOISE_LEVEL = Threshold(
    -20.0, "dB of full scale, 100–7600 Hz", "chosen: over it unheard speech is possible", "0.1.0"
)

SLURRED_MOVEMENT = Threshold(
    0.5,
    "healthy standard deviations, mean of five measures of movement",
    "chosen: another talker spoils pronunciation and not movement (SPEECH.md: require both)",
    "0.2.0",
)
SLURRED_PRONUNCIATION = Threshold(
    -0.5,
    "healthy standard deviations, mean of six measures of pronunciation",
    "chosen: whoever pronounces better than most is not slurring",
    "0.2.0",
)
SPEECH_GATES = SpeechGates(
    speech_probability=SPEECH_PROBABILITY.value,
    silence_probability=SILENCE_PROBABILITY.value,
    min_pause_s=MIN_PAUSE.value,
    min_speech_s=MIN_SPEECH.value,
    clip_level=CLIP_LEVEL.value,
    max_clipped=MAX_CLIPPED.value,
    min_snr_db=MIN_SNR.value,
    max_noise_dbfs=MAX_NOISE_LEVEL.value,
)

# The droop score of a picture or clip (measure/droop.py). Lower face: discriminant analysis
# over 60 healthy people (neutral, smiling) and 118 half-face composites, in two folds, rounded.
CORNER_HEIGHT = Threshold(
    0.6, "evidence per mm", "discriminant analysis, half-face composites", "0.1.0"
)
CORNER_OUT = Threshold(
    0.2, "evidence per mm", "discriminant analysis, half-face composites", "0.2.0"
)
ALA_HEIGHT = Threshold(
    0.2, "evidence per mm", "discriminant analysis, composites; nose not refined", "0.2.0"
)
FISSURE = Threshold(
    0.7, "evidence per mm beyond the free mm", "chosen: an eye 3 mm wider adds 1.4", "0.1.0"
)
FISSURE_FREE = Threshold(1.0, "mm", "≥ 1 mm in 5.7 % of healthy people", "0.1.0")
BROW = Threshold(
    0.5, "evidence per mm beyond the free mm", "chosen: a brow 5 mm lower adds 1.5", "0.1.0"
)
BROW_FREE = Threshold(2.0, "mm", "measured: twice the spread of 60 healthy people", "0.1.0")
UPPER_MOST = Threshold(
    1.5, "evidence", "chosen: without any sign at the mouth the score stays below 0.5", "0.1.0"
)
DROOP_MIDPOINT = Threshold(
    1.8,
    "evidence",
    "measured: exceeded by 3 % of healthy neutral pictures, 7 % of smiles, 5 % of both",
    "0.2.0",
)
DROOP_MIDPOINT_OWN_REST = Threshold(
    1.7, "evidence", "measured: exceeded by 5 % of healthy smiles against own rest", "0.2.0"
)
DROOP_STEEPNESS = Threshold(
    2.0, "logit per evidence", "logistic regression, healthy against composites", "0.2.0"
)
NATURAL_SPREAD = Threshold(0.95, "evidence, SD", "measured on 119 healthy pictures", "0.2.0")
NATURAL_SPREAD_OWN_REST = Threshold(
    0.82, "evidence, SD", "measured: 59 healthy smiles against own rest", "0.2.0"
)
SLOPE_ERROR = Threshold(
    0.11, "of the droop, SD", "prototype refiner, held-out people: slope 1.01 ± 0.11", "0.2.0"
)
PERIPHERAL_AT = Threshold(
    0.5, "evidence of the upper face", "chosen: lid 1.7 mm or brow 3 mm beside a droop", "0.1.0"
)
PERIPHERAL_STEEPNESS = Threshold(2.0, "logit per evidence", "chosen", "0.1.0")

DROOP_SCALE = DroopScale(
    corner_height=CORNER_HEIGHT.value,
    corner_out=CORNER_OUT.value,
    ala_height=ALA_HEIGHT.value,
    fissure=FISSURE.value,
    fissure_free_mm=FISSURE_FREE.value,
    brow=BROW.value,
    brow_free_mm=BROW_FREE.value,
    upper_most=UPPER_MOST.value,
    midpoint=DROOP_MIDPOINT.value,
    midpoint_own_rest=DROOP_MIDPOINT_OWN_REST.value,
    steepness=DROOP_STEEPNESS.value,
    natural_sd=NATURAL_SPREAD.value,
    natural_sd_own_rest=NATURAL_SPREAD_OWN_REST.value,
    slope_error=SLOPE_ERROR.value,
    peripheral_at=PERIPHERAL_AT.value,
    peripheral_steepness=PERIPHERAL_STEEPNESS.value,
)

# A picture or clip as it was found: nobody can be asked to turn.
FOUND_MAX_YAW = Threshold(
    15.0, "degree", "measured: two healthy clips at 10–26° score as they do ahead", "0.1.0"
)
FOUND_MAX_PITCH = Threshold(15.0, "degree", "chosen, as for yaw", "0.1.0")

FOUND_QUALITY_GATES = replace(
    QUALITY_GATES, max_yaw_deg=FOUND_MAX_YAW.value, max_pitch_deg=FOUND_MAX_PITCH.value
)

# An unscripted clip (measure/clip.py, measure/events.py).
NOTICED_MOUTH = Threshold(3.0, "mm", "people notice it (Aesthet Surg J 2017)", "0.1.0")
NOTICED_EYE = Threshold(2.0, "mm", "people notice it (Aesthet Surg J 2017)", "0.1.0")
NOTICED_BROW = Threshold(3.5, "mm", "people notice it (Aesthet Surg J 2017)", "0.1.0")
NOTICED_NOSE = Threshold(2.0, "mm", "chosen, as for the eye", "0.1.0")
CLIP_MIN_FRACTION = Threshold(
    0.15, "of the clip's frames", "chosen: the rest of a clip may show something else", "0.1.0"
)
CLIP_REST = Threshold(0.7, "s", "chosen: longer than a blink", "0.1.0")
CLIP_BLOCKS = Threshold(20.0, "block", "15 s blocks of 5 min held false trends down", "0.1.0")
CLIP_LONGEST_BLOCK = Threshold(15.0, "s", "measured: false alarms fall to 7–16 %", "0.1.0")
EVENT_MIN = Threshold(0.4, "s", "chosen: longer than most blinks", "0.1.0")
EVENT_EDGE = Threshold(0.4, "of the movement an event needs", "chosen", "0.1.0")

CLIP_GATES = ClipGates(
    face=replace(FACE_GATES, min_fraction=CLIP_MIN_FRACTION.value),
    events=EventGates(min_s=EVENT_MIN.value, edge=EVENT_EDGE.value),
    function=FUNCTION_GATES,
    noticed_mm=(
        (Region.MOUTH, NOTICED_MOUTH.value),
        (Region.EYE, NOTICED_EYE.value),
        (Region.BROW, NOTICED_BROW.value),
        (Region.NOSE, NOTICED_NOSE.value),
    ),
    rest_s=CLIP_REST.value,
    blocks=int(CLIP_BLOCKS.value),
    longest_block_s=CLIP_LONGEST_BLOCK.value,
)
