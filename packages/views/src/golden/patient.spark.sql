select
  `id` as `id`,
  case when regexp_like(`managingOrganization`.`reference`, '^(?:' || 'Organization/[!$-.0-;=@-Z\\[\\]-~]{1,64}' || ')$') then substr(`managingOrganization`.`reference`, 14) when regexp_like(`managingOrganization`.`reference`, '^(?:' || 'https?://[^?#]+/Organization/[!$-.0-;=@-Z\\[\\]-~]{1,64}' || ')$') then split_part(`managingOrganization`.`reference`, '/', -1) else nullif(regexp_extract(`managingOrganization`.`reference`, '^(?:https?://[^?#]+/)?(Organization)/([!$-.0-;=@-Z\\[\\]-~]{1,64})(?:/_history/[!$-.0-;=@-Z\\[\\]-~]{1,64})?$', 2), '') end as `organization_id`,
  get(filter(`name`, `x1` -> ((`x1`.`use` = 'official') and (`x1`.`family` is not null))), 0).`family` as `family`,
  (`deceasedDateTime` is not null) as `deceased`,
  cast(null as string) as `language`,
  `item6_index` as `contact`,
  case when (`item6` is not null) then 'yes' end as `known`,
  `row8`.`value` as `value`
from (
  select *, explode(`row8_list`) as `row8`
  from (
    select *, case when (`item6` is null) then array(named_struct('value', cast(null as string))) else concat(coalesce(transform(`item6`.`telecom`, `item7` -> named_struct('value', `item7`.`value`)), array()), coalesce(array(named_struct('value', `item6`.`gender`)), array())) end as `row8_list`
    from (
      select *, posexplode(`item6_list`) as (`item6_index`, `item6`)
      from (
        select *, case when greatest(size(`contact`), 0) > 0 then `contact` else array(null) end as `item6_list`
        from (
          select *
          from (
            select `birthDate`, `id`, `managingOrganization`, `name`, `deceasedDateTime`, `contact`
            from `silver`.`patient`
          ) as resource
          where (case when length(`birthDate`) >= 10 and `birthDate` < '1949-12-31' then -1 when length(`birthDate`) >= 10 and `birthDate` >= '1951-01-02' then 1 else get(transform(array(named_struct('a', `birthDate`, 'b', '1950')), v1 -> case when left(v1.a, length(v1.b)) < left(v1.b, length(v1.a)) then -1 when left(v1.a, length(v1.b)) > left(v1.b, length(v1.a)) then 1 when length(v1.a) = length(v1.b) then 0 end), 0) end >= 0)
        ) as `item6_rows`
      ) as `item6_lists`
    ) as `row8_rows`
  ) as `row8_lists`
) as `rows`
