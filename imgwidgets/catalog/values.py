"""What a model accepts, as plain frozen values.

The TOML files under ``data/`` are read into these; everything else in imgwidgets reads these and
nothing else. A :class:`Model` is the view of one model at one provider, with all inheritance done.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (msgspec reads the annotations)
from typing import Any, Literal

import msgspec

__all__ = [
    "ENDPOINTS",
    "Endpoint",
    "EndpointName",
    "InputRule",
    "Model",
    "Parameter",
    "Price",
    "Problem",
    "Provider",
    "ProviderEndpoint",
    "Rule",
    "SizeRule",
]

EndpointName = Literal["generations", "edits"]
ENDPOINTS: tuple[EndpointName, ...] = ("generations", "edits")


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that is never changed; an unknown key is an error."""


class SizeRule(Frozen, frozen=True, kw_only=True):
    """Which ``"WIDTHxHEIGHT"`` a model takes beside its presets.

    Attributes
    ----------
    free : bool
        True where any size within the limits below is accepted; else presets only.
    multiple_of : int
        Pixels; both edges are multiples of this.
    min_pixels, max_pixels : int or None
        Bounds of width x height.
    max_edge : int or None
        Pixels; bound of the longer edge.
    max_ratio : float or None
        Bound of longer edge / shorter edge.
    experimental_above : int or None
        Pixels; accepted above, but the maker calls the results experimental.
    """

    free: bool = False
    multiple_of: int = 1
    min_pixels: int | None = None
    max_pixels: int | None = None
    max_edge: int | None = None
    max_ratio: float | None = None
    experimental_above: int | None = None


class Parameter(Frozen, frozen=True, kw_only=True):
    """One parameter of a request.

    Attributes
    ----------
    type : str
        ``text``, ``integer``, ``number``, ``boolean``, ``choice`` (one of ``values``),
        ``size`` (one of ``values``, or what ``size`` allows) or ``object``.
    help : str
        One sentence for people.
    required : bool
        A request without it is refused.
    default : object
        What the provider uses where it is not sent; None where that is not known.
    values : tuple
        All allowed values of a choice; presets of a size.
    minimum, maximum, step : number or None
        Bounds of an integer or number (inclusive).
    min_length, max_length : int or None
        Characters, for text.
    size : SizeRule or None
        For ``type = "size"``.
    refused : str
        Not empty: the parameter must not be sent, and this is the reason.
    near : dict
        For values that people try here because another model has them: what comes closest.
    open : bool
        True where values beyond ``values`` are not known to be wrong: they pass with a note.
    note : str
        Shown beside the control.
    hidden : bool
        True where a picker does not offer it (identifiers, switches that the client sets itself).
    fields : dict
        For ``object``: what its keys hold.
    """

    name: str = ""
    type: Literal["text", "integer", "number", "boolean", "choice", "size", "object"] = "text"
    help: str = ""
    required: bool = False
    default: Any = None
    values: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    size: SizeRule | None = None
    refused: str = ""
    near: dict[str, Any] = {}
    open: bool = False
    note: str = ""
    hidden: bool = False
    fields: dict[str, Any] = {}


class InputRule(Frozen, frozen=True, kw_only=True):
    """What input images, masks or markups must be.

    Attributes
    ----------
    formats : tuple of str
        Accepted file formats (``png``, ``jpeg``, ``webp``, ...); empty: not stated.
    min_count, max_count : int
        How many.
    max_bytes : int or None
        Of each file.
    square : bool
        Width and height must be equal.
    same_size : bool
        As large as the first image, in pixels.
    refused : str
        Not empty: this input is not taken, and this is the reason.
    """

    help: str = ""
    formats: tuple[str, ...] = ()
    min_count: int = 0
    max_count: int = 1
    max_bytes: int | None = None
    square: bool = False
    same_size: bool = False
    refused: str = ""


class Rule(Frozen, frozen=True, kw_only=True):
    """A rule across parameters.

    It applies when every entry of ``when`` matches the effective value (given, else default) and
    every name in ``when_given`` was given something other than its default. Then each parameter
    in ``require`` must have one of the listed values, each in ``need`` must be given, and none in
    ``forbid`` may be given.

    Attributes
    ----------
    size : SizeRule or None
        Where the rule applies, sizes follow this instead of the parameter's own rule.
    message : str
        Why, for people.
    advice : bool
        True where breaking it is a note and no refusal (it was only observed, not documented).
    off : bool
        True where a file takes an inherited rule away.
    """

    name: str = ""
    message: str
    when: dict[str, tuple[Any, ...]] = {}
    when_given: tuple[str, ...] = ()
    require: dict[str, tuple[Any, ...]] = {}
    need: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    size: SizeRule | None = None
    advice: bool = False
    off: bool = False


class Price(Frozen, frozen=True, kw_only=True):
    """How a request is billed, in US dollars.

    Attributes
    ----------
    text_input, image_input, image_output, text_output : float or None
        US dollars per million tokens.
    grid : dict
        quality -> tiles along the longer edge; output tokens follow from it and the size.
    factor : dict
        quality -> (low, high) multipliers of the grid's tokens, where only a range is known.
    tokens : dict
        quality -> {size: output tokens}, where the maker publishes a table.
    per_image : dict
        quality -> {size: US dollars}, where images are billed or listed by piece.
    gif_steps : tuple of (int, int)
        Ranges of frame counts that are billed alike (only reported where known).
    partial_image_tokens : int
        Output tokens for each streamed partial image.
    reference_image : (float, float) or None
        US dollars for each input image, a range.
    source : str
        Where the figures come from.
    note : str
        What a reader should know about them.
    """

    text_input: float | None = None
    image_input: float | None = None
    image_output: float | None = None
    text_output: float | None = None
    grid: dict[str, int] = {}
    factor: dict[str, tuple[float, float]] = {}
    tokens: dict[str, dict[str, int]] = {}
    per_image: dict[str, dict[str, float]] = {}
    gif_steps: tuple[tuple[int, int], ...] = ()
    partial_image_tokens: int = 0
    reference_image: tuple[float, float] | None = None
    source: str = ""
    note: str = ""


class ProviderEndpoint(Frozen, frozen=True, kw_only=True):
    """How a provider wants one endpoint called.

    Attributes
    ----------
    path : str
        Below the base URL.
    bodies : tuple of str
        ``json`` and ``multipart``, the preferred one for local pixels first.
    image_field, images_field, mask_field, markup_field : str
        Multipart field names for one image, for several, for the mask, for the markup.
    references_field : str
        JSON field that holds the list of image references.
    reference_style : str
        ``object``: ``{"image_url": URL}``; ``part``: ``{"type": "image_url", "image_url": {"url": URL}}``;
        ``text``: the bare URL.
    mask_polarity : str
        ``transparent``: alpha 0 = edit (OpenAI); ``white``: white = edit.
    send_model : bool
        False where the URL names the model already.
    omit : tuple of str
        Parameters that this provider must not be sent even where a model has them.
    refused : str
        Not empty: the provider has no such endpoint, and this is the reason.
    """

    path: str = ""
    bodies: tuple[Literal["json", "multipart"], ...] = ("json",)
    image_field: str = "image"
    images_field: str = "image[]"
    mask_field: str = "mask"
    markup_field: str = "markup"
    references_field: str = "images"
    reference_style: Literal["object", "part", "text"] = "object"
    mask_polarity: Literal["transparent", "white"] = "transparent"
    send_model: bool = True
    omit: tuple[str, ...] = ()
    refused: str = ""


class Endpoint(Frozen, frozen=True, kw_only=True):
    """One endpoint of one model at one provider.

    Attributes
    ----------
    parameters : dict
        name -> Parameter, in the order in which people should see them (refused ones included).
    inputs : dict
        ``image``, ``mask``, ``markup`` -> InputRule.
    rules : tuple of Rule
        Rules across parameters.
    borrowed : bool
        True where this provider documents nothing of its own: the rules are the maker's, and a
        request that breaks one is passed on with a note instead of being refused.
    call : ProviderEndpoint
        How it is called.
    """

    name: EndpointName
    parameters: dict[str, Parameter]
    inputs: dict[str, InputRule] = {}
    rules: tuple[Rule, ...] = ()
    borrowed: bool = False
    call: ProviderEndpoint = ProviderEndpoint()

    @property
    def accepted(self) -> dict[str, Parameter]:
        """The parameters that may be sent."""
        return {name: p for name, p in self.parameters.items() if not p.refused}


class Model(Frozen, frozen=True, kw_only=True):
    """One model at one provider.

    Attributes
    ----------
    name, provider, title : str
        ``name`` is what the API takes; ``title`` is for people.
    maker : str
        The provider whose word the rules are (a name of the catalog).
    aliases : tuple of str
        Dated names of the same model.
    released, retires : date or None
        ``retires`` may lie in the past. It is a badge and a note, never a refusal.
    replacement : str
        The model to use instead.
    unverified : str
        Not empty: what is not certain about this entry or its provider.
    endpoints : dict
        endpoint name -> Endpoint.
    price : Price or None
        None where no price is known.
    seconds : dict
        quality -> usual seconds for one image of 1024x1024.
    rates : dict
        Limits a minute: ``requests``, ``images``, ``input_images``, ``tokens``.
    source : str
        Where the facts come from.
    """

    name: str
    provider: str
    title: str = ""
    maker: str = ""
    aliases: tuple[str, ...] = ()
    released: dt.date | None = None
    retires: dt.date | None = None
    replacement: str = ""
    unverified: str = ""
    note: str = ""
    endpoints: dict[str, Endpoint]
    price: Price | None = None
    seconds: dict[str, float] = {}
    rates: dict[str, float] = {}
    source: str = ""

    def __repr__(self) -> str:
        retires = f", retires {self.retires}" if self.retires else ""
        doubt = ", unverified" if self.unverified else ""
        return f"<Model {self.provider}:{self.name} ({', '.join(self.endpoints)}){retires}{doubt}>"


class Provider(Frozen, frozen=True, kw_only=True):
    """Who answers, and how to reach them.

    Attributes
    ----------
    name, title : str
        ``name`` is what ``Client`` takes.
    base_url : str
        Up to and including ``/v1``; empty where it must be given.
    base_url_variable, key_variable : str
        Environment variables that are read.
    key_header, key_scheme : str
        ``Authorization`` and ``Bearer``, or what the provider wants instead.
    key_required : bool
        False where a server may run without one.
    headers : dict
        Sent with every request.
    query : dict
        Added to every URL.
    default_model : str
        Used where a request names none; empty where there is no sensible one.
    embedded : bool
        True for the sandbox: the client starts it in this process.
    complete : bool
        True where the listed models are all there are: another name is refused at once.
    endpoints : dict
        endpoint name -> ProviderEndpoint.
    files_path : str
        Where ``upload`` posts; empty where there is no such thing.
    take_header : str
        A header that tells which of several pictures a request is for, where pictures of one prompt are
        asked for one by one; for a provider that answers the same request with the same picture.
    reply : str
        The documented reply shape (``images``, ``chat``, ``fal``); a hint for the sandbox. The client
        reads replies by their content.
    documentation : str
        Where the facts come from.
    unverified : str
        Not empty: what is not certain about this provider.
    """

    name: str
    title: str = ""
    base_url: str = ""
    base_url_variable: str = ""
    key_variable: str = ""
    key_header: str = "Authorization"
    key_scheme: str = "Bearer"
    key_required: bool = True
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    default_model: str = ""
    embedded: bool = False
    complete: bool = False
    endpoints: dict[str, ProviderEndpoint] = {}
    files_path: str = "/files"
    models_path: str = "/models"
    take_header: str = ""
    reply: Literal["images", "chat", "fal"] = "images"
    documentation: str = ""
    unverified: str = ""


class Problem(Frozen, frozen=True, kw_only=True):
    """What is wrong with one parameter of a request, and the way out.

    Attributes
    ----------
    parameter : str
        Its name in the API (``prompt``, ``size``, ``image``, ``mask``, ...).
    value : object
        What was given.
    message : str
        What is wrong, with the value and what is allowed.
    allowed : object
        The values (a tuple), or a phrase that says which.
    suggestion : object
        The nearest valid value, or None where there is none.
    code : str
        The provider's word for it: ``unknown_parameter``, ``invalid_value``, ``invalid_type``, ...
    """

    parameter: str
    value: Any
    message: str
    allowed: Any = None
    suggestion: Any = None
    code: str = "invalid_value"

    def __str__(self) -> str:
        return self.message
