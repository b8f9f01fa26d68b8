select
  "id" as "id",
  case when regexp_full_match("managingOrganization"."reference", 'Organization/[!$-.0-;=@-Z\[\]-~]{1,64}') then substr("managingOrganization"."reference", 14) when regexp_full_match("managingOrganization"."reference", 'https?://[^?#]+/Organization/[!$-.0-;=@-Z\[\]-~]{1,64}') then split_part("managingOrganization"."reference", '/', -1) else nullif(regexp_extract("managingOrganization"."reference", '^(?:https?://[^?#]+/)?(Organization)/([!$-.0-;=@-Z\[\]-~]{1,64})(?:/_history/[!$-.0-;=@-Z\[\]-~]{1,64})?$', 2), '') end as "organization_id",
  list_filter("name", lambda "x1": (("x1"."use" = 'official') and ("x1"."family" is not null)))[1]."family" as "family",
  ("deceasedDateTime" is not null) as "deceased",
  cast(null as varchar) as "language",
  "item6_index" as "contact",
  case when ("item6" is not null) then 'yes' end as "known",
  "row8"."value" as "value"
from (
  select *, unnest("row8_list") as "row8"
  from (
    select *, case when ("item6" is null) then [{'value': cast(null as varchar)}] else list_concat(list_transform("item6"."telecom", lambda "item7": {'value': "item7"."value"}), [{'value': "item6"."gender"}]) end as "row8_list"
    from (
      select *, unnest("item6_list") as "item6", cast(unnest(range(len("item6_list"))) as integer) as "item6_index"
      from (
        select *, case when coalesce(cast(len("contact") as integer), 0) > 0 then "contact" else [null] end as "item6_list"
        from (
          select *
          from (
            select "birthDate", "id", "managingOrganization", "name", "deceasedDateTime", "contact"
            from "silver"."patient"
          ) as resource
          where (case when length("birthDate") >= 10 and "birthDate" < '1949-12-31' then -1 when length("birthDate") >= 10 and "birthDate" >= '1951-01-02' then 1 else list_transform([{'a': "birthDate", 'b': '1950'}], lambda v1: case when left(v1.a, length(v1.b)) < left(v1.b, length(v1.a)) then -1 when left(v1.a, length(v1.b)) > left(v1.b, length(v1.a)) then 1 when length(v1.a) = length(v1.b) then 0 end)[1] end >= 0)
        ) as "item6_rows"
      ) as "item6_lists"
    ) as "row8_rows"
  ) as "row8_lists"
) as "rows"
